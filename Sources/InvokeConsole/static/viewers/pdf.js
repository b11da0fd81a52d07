/** A PDF in the browser's own viewer, under our type: whatever the bytes are, they are never a page of ours. */
import { h } from "../dom.js";
import { Unreadable } from "./source.js";

export async function show(source) {
  const start = new TextDecoder("latin1").decode((await source.head()).subarray(0, 1024));
  if (!start.includes("%PDF-")) throw new Unreadable("This is not a PDF document: it does not begin like one.");
  if (navigator.pdfViewerEnabled === false) {
    return h("p", { class: "note" }, "This browser shows no PDF documents in a page. Download it to read it.");
  }
  return h("iframe", { class: "pdf", title: source.name, src: await source.objectURL("application/pdf") });
}
