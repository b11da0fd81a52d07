/** Holds large documents and answers questions about them, away from the page. */
import { decode } from "./decode.js";

const documents = new Map();
let last = 0;

async function answer({ open, blob, options, close, id, method, values }) {
  if (open) {
    const { Document } = await import(`./${open}-data.js`);
    documents.set(++last, Document.read(decode(await blob.arrayBuffer()), options));
    return last;
  }
  if (close) return documents.delete(close);
  return documents.get(id)[method](...values);
}

self.onmessage = async ({ data }) => {
  try {
    self.postMessage({ number: data.number, value: await answer(data) });
  } catch (error) {
    self.postMessage({ number: data.number, error: error.message });
  }
};
