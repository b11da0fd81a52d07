/** What a viewer shows: bytes behind an address of ours, or bytes at hand. Errors are `Unreadable`, in words. */

export class Unreadable extends Error {}

export class Source {
  #start; #all; #urls = new Map(); #closing = [];

  /** `text` or `blob` is the content itself; without them it is read from `url`. `size` is in bytes, if known. */
  constructor({ url, type = "", name = "content", size, text, blob }) {
    if (text !== undefined) blob = new Blob([text]);
    Object.assign(this, { url, name, type: type.split(";")[0].trim().toLowerCase(), inline: text !== undefined });
    this.size = blob?.size ?? size;
    if (blob) this.#all = Promise.resolve(blob);
  }

  /** The first 64 KiB at most. */
  head() {
    return this.#start ??= this.slice(0, 65536);
  }

  /** The bytes from one position up to another, as many of them as there are. */
  async slice(from, to) {
    if (this.#all) return new Uint8Array(await (await this.#all).slice(from, to).arrayBuffer());
    return this.size === 0 || to <= from ? new Uint8Array() : (await import("./remote.js")).slice(this, from, to);
  }

  /** All of it. */
  blob() {
    return this.#all ??= this.#load().catch((error) => {
      this.#all = undefined;
      throw error;
    });
  }

  async text() {
    const blob = await this.blob();
    return this.inline ? blob.text() : (await import("./decode.js")).decode(await blob.arrayBuffer());
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
    for (const url of this.#urls.values()) URL.revokeObjectURL(url);
    for (const f of this.#closing) f();
    this.#urls.clear();
  }

  async #load() {
    const start = this.#start && await this.#start;
    return start?.length === this.size && start ? new Blob([start]) : (await import("./remote.js")).load(this);
  }
}
