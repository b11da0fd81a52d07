/** A text in pieces: lines, and very long lines cut, so that any part of it can be shown by itself. */

const longest = 2000;
const most = 100000;

/** Numbers without the room that a list takes for them. */
class Numbers {
  all = new Uint32Array(1024);
  count = 0;

  push(number) {
    if (this.count === this.all.length) {
      const more = new Uint32Array(this.count * 2);
      more.set(this.all);
      this.all = more;
    }
    this.all[this.count++] = number;
  }
}

export class Document {
  #text; #starts; #numbers;

  constructor(text) {
    this.#text = text;
    const starts = new Numbers();
    const numbers = new Numbers();
    for (let at = 0, number = 1; at <= text.length; number++) {
      let end = text.indexOf("\n", at);
      if (end < 0) end = text.length;
      starts.push(at);
      numbers.push(number);
      for (let cut = at + longest; cut < end; cut += longest) {
        starts.push(cut);
        numbers.push(0);
      }
      at = end + 1;
    }
    const count = starts.count - (starts.count > 1 && text.endsWith("\n") ? 1 : 0);
    this.#starts = starts.all.subarray(0, count);
    this.#numbers = numbers.all.subarray(0, count);
  }

  static read(text) {
    return new Document(text);
  }

  /** Pieces and lines in all. */
  size() {
    return { pieces: this.#starts.length, lines: this.#numbers.reduce((all, number) => Math.max(all, number), 0) };
  }

  /** Pieces of a range as { number (0: goes on), text }. */
  pieces(from, to) {
    const pieces = [];
    for (let i = from; i < Math.min(to, this.#starts.length); i++) {
      const end = i + 1 < this.#starts.length ? this.#starts[i + 1] : this.#text.length;
      pieces.push({ number: this.#numbers[i], text: this.#text.slice(this.#starts[i], end).replace(/\r?\n$/, "") });
    }
    return pieces;
  }

  /** Where a text is found, capitals or not: for each place its piece, and where in it. */
  find(wanted) {
    const pattern = new RegExp(wanted.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"), "gi");
    const places = [];
    let piece = 0;
    for (const { index } of this.#text.matchAll(pattern)) {
      while (piece + 1 < this.#starts.length && this.#starts[piece + 1] <= index) piece++;
      places.push([piece, index - this.#starts[piece]]);
      if (places.length === most) break;
    }
    return places;
  }
}
