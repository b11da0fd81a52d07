/** What a viewer shows: bytes behind an address of ours, or bytes at hand. Errors are `Unreadable`, in words. */

export class Unreadable extends Error {}

const first = 65536;

const words = {
  401: "You are no longer logged in. Log in and load this page again.",
  403: "You may not read this content.",
  404: "This content is gone, or it is not yours to read.",
  410: "This content is gone.",
  429: "The agent asks for patience. Load this page again in a moment.",
};

export class Source {
  #start; #all; #urls = new Map(); #closing = []; #stop = new AbortController();

  /** `text` or `blob` is the content itself; without them it is read from `url`. `size` is in bytes, if known. */
  constructor({ url, type = "", name = "content", size, text, blob }) {
    if (text !== undefined) blob = new Blob([text]);
    Object.assign(this, { url, name, type: type.split(";")[0].trim().toLowerCase(), inline: text !== undefined });
    this.size = blob?.size ?? size;
    if (blob) this.#all = Promise.resolve(blob);
  }

  /** The first 64 KiB at most. */
  head() {
    return this.#start ??= this.slice(0, first);
  }

  /** The bytes from one position up to another, as many of them as there are. */
  async slice(from, to) {
    if (this.#all) return new Uint8Array(await (await this.#all).slice(from, to).arrayBuffer());
    if (this.size === 0 || to <= from) return new Uint8Array();
    const response = await this.#ask({ Range: `bytes=${from}-${to - 1}` }, 416);
    const total = Number(/\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1] ?? NaN);
    if (response.status === 206) {
      this.size = total;
      return new Uint8Array(await response.arrayBuffer());
    }
    if (response.status === 416) {
      this.size = Number.isNaN(total) ? 0 : total;
      return new Uint8Array();
    }
    this.size ??= Number(response.headers.get("content-length") ?? NaN) || undefined;
    return (await this.#read(response, to, true)).slice(from);
  }

  /** All of it; throws when it turns out to be larger than `limit` bytes. */
  blob(limit = Infinity) {
    return this.#all ??= this.#load(limit).catch((error) => {
      this.#all = undefined;
      throw error;
    });
  }

  async text(limit) {
    const { decode } = await import("./decode.js");
    return decode(await (await this.blob(limit)).arrayBuffer());
  }

  /** An address of the content under a type that we chose, for elements that want one. */
  async objectURL(type) {
    if (!this.#urls.has(type)) this.#urls.set(type, URL.createObjectURL(new Blob([await this.blob()], { type })));
    return this.#urls.get(type);
  }

  /** Calls `f` when this content is no longer shown. */
  whenClosed(f) {
    this.#closing.push(f);
  }

  close() {
    this.#stop.abort();
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    for (const f of this.#closing) f();
    this.#urls.clear();
  }

  async #load(limit) {
    const start = this.#start && await this.#start;
    if (start && start.length === this.size) return new Blob([start]);
    const response = await this.#ask({});
    const bytes = await this.#read(response, limit, false);
    this.size = bytes.length;
    return new Blob([bytes]);
  }

  async #ask(headers, also) {
    let response;
    try {
      response = await fetch(this.url, { headers, signal: this.#stop.signal });
    } catch (error) {
      throw new Unreadable(`The agent did not answer (${error.message}). Is it running, and are you connected?`);
    }
    if (!response.ok && response.status !== also) {
      throw new Unreadable(words[response.status] ?? `The agent could not give this content (status ${response.status}).`);
    }
    const type = (response.headers.get("content-type") ?? "").split(";")[0].trim().toLowerCase();
    if (!this.type || this.type === "application/octet-stream") this.type = type;
    return response;
  }

  /** Reads a body up to a number of bytes; what is more is left (`cut`) or refused. */
  async #read(response, limit, cut) {
    const parts = [];
    let length = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read().catch((error) => {
        throw new Unreadable(`The content broke off after ${length} bytes (${error.message}).`);
      });
      if (done) break;
      parts.push(value);
      length += value.length;
      if (length < limit || (length === limit && !cut)) continue;
      await reader.cancel();
      if (!cut) throw new Unreadable(`The content is larger than the ${limit} bytes that were expected.`);
      break;
    }
    const bytes = new Uint8Array(await new Blob(parts).arrayBuffer());
    return cut ? bytes.subarray(0, limit) : bytes;
  }
}
