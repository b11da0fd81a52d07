/** Reads a source from its address, all of it or a part. What the answer tells of size and type, the source knows then. */
import { Unreadable } from "./source.js";

const words = {
  401: "You are no longer logged in. Log in and load this page again.",
  403: "You may not read this content.",
  404: "This content is gone, or it is not yours to read.",
  410: "This content is gone.",
  429: "The agent asks for patience. Load this page again in a moment.",
};

export async function slice(source, from, to) {
  const response = await ask(source, { Range: `bytes=${from}-${to - 1}` });
  const total = /\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1];
  if (total !== undefined) source.size = Number(total);
  if (response.status === 206) return new Uint8Array(await response.arrayBuffer());
  if (response.status === 416) return new Uint8Array();
  const length = response.headers.get("content-length");
  if (length !== null) source.size ??= Number(length);
  return (await read(response, to)).slice(from);
}

export async function load(source) {
  const blob = await (await ask(source, {})).blob().catch((error) => {
    throw new Unreadable(`The content broke off (${error.message}).`);
  });
  source.size = blob.size;
  return blob;
}

async function ask(source, headers) {
  const stop = new AbortController();
  source.whenClosed(() => stop.abort());
  let response;
  try {
    response = await fetch(source.url, { headers, signal: stop.signal });
  } catch (error) {
    throw new Unreadable(`The agent did not answer (${error.message}). Is it running, and are you connected?`);
  }
  if (!response.ok && response.status !== 416) {
    throw new Unreadable(words[response.status] ?? `The agent could not give this content (status ${response.status}).`);
  }
  const type = (response.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
  if (!source.type || source.type === "application/octet-stream") source.type = type;
  return response;
}

/** The first bytes of a body, at most so many of them; the rest is not waited for. */
async function read(response, most) {
  const parts = [];
  let length = 0;
  const reader = response.body.getReader();
  while (length < most) {
    const { done, value } = await reader.read().catch((error) => {
      throw new Unreadable(`The content broke off after ${length} bytes (${error.message}).`);
    });
    if (done) break;
    parts.push(value);
    length += value.length;
  }
  await reader.cancel();
  return new Uint8Array(await new Blob(parts).arrayBuffer()).subarray(0, most);
}
