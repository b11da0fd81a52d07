/** A table that can be sorted, filtered and read a few rows at a time. */
import { fromCsv, fromJson, fromLines } from "./rows.js";
import { series } from "./series.js";

const readers = { csv: fromCsv, json: fromJson, lines: fromLines };
const number = /^\s*[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?\s*$/i;
const missing = new Set(["", "nan", "na", "n/a", "null", "none"]);
const date = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d\S*)?$/;
const longest = 500;

export class Document {
  #rows; #order; #ranks = new Map();

  constructor({ names, rows, cut = false }) {
    this.cut = cut;
    this.#rows = rows;
    this.#order = Uint32Array.from(rows.keys());
    this.names = names;
    this.kinds = names.map((_, column) => this.#kind(column));
  }

  static read(text, { from }) {
    return new Document(readers[from](text));
  }

  /** Columns as { name, kind: number|time|text, width in characters }, the count of rows, and whether there are more. */
  columns() {
    const some = this.#rows.slice(0, 500);
    const columns = this.names.map((name, i) => ({
      name, kind: this.kinds[i], width: some.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), name.length + 3),
    }));
    return { columns, count: this.#rows.length, cut: this.cut };
  }

  /** Orders by a column (undefined: as it came) the rows that contain a text; returns how many these are. */
  arrange({ column, descending = false, filter = "" }) {
    const wanted = filter.trim().toLowerCase();
    const keep = [];
    for (let i = 0; i < this.#rows.length; i++) {
      if (!wanted || this.#rows[i].some((cell) => cell?.toLowerCase().includes(wanted))) keep.push(i);
    }
    this.#order = Uint32Array.from(keep);
    if (column === undefined) return keep.length;
    const rank = this.#rank(column);
    const sign = descending ? -1 : 1;
    this.#order.sort((a, b) => {
      const x = rank[a];
      const y = rank[b];
      if (x === y) return a - b;
      if (Number.isNaN(x)) return Number.isNaN(y) ? a - b : 1;
      if (Number.isNaN(y)) return -1;
      return sign * (x - y) || a - b;
    });
    return keep.length;
  }

  /** The cells of a range of rows in the present order, long ones cut. */
  rows(from, to) {
    return Array.from(this.#order.subarray(from, to), (i) => this.names.map((_, column) => cut(this.#rows[i][column] ?? "")));
  }

  /** The points to draw of two columns (see `series.js`). */
  series(x, y, kind) {
    const xs = x === undefined ? { kind: "number", values: Float64Array.from(this.#rows, (_, i) => i + 1) }
      : { kind: this.kinds[x], values: this.kinds[x] === "text" ? this.#rows.map((row) => row[x] ?? "") : this.#numbers(x) };
    return series(xs, this.#numbers(y), kind);
  }

  #kind(column) {
    let kind;
    for (const row of this.#rows) {
      const text = row[column] ?? "";
      if (isMissing(text)) continue;
      const is = number.test(text) ? "number" : date.test(text) && !Number.isNaN(Date.parse(text)) ? "time" : "text";
      if (is === "text" || (kind && is !== kind)) return "text";
      kind = is;
    }
    return kind ?? "text";
  }

  #numbers(column) {
    const read = this.kinds[column] === "time" ? Date.parse : Number;
    return Float64Array.from(this.#rows, (row) => isMissing(row[column] ?? "") ? NaN : read(row[column]));
  }

  /** A number for each row by which its place in the order of a column is told; NaN: no value, always last. */
  #rank(column) {
    if (!this.#ranks.has(column)) this.#ranks.set(column, this.kinds[column] === "text" ? this.#places(column) : this.#numbers(column));
    return this.#ranks.get(column);
  }

  #places(column) {
    const values = [...new Set(this.#rows.map((row) => row[column] ?? ""))].sort(new Intl.Collator(undefined, { numeric: true }).compare);
    const places = new Map(values.map((value, place) => [value, place]));
    return Float64Array.from(this.#rows, (row) => row[column] ? places.get(row[column]) : NaN);
  }
}

function isMissing(text) {
  const bare = text.trim();
  return bare.length < 5 && missing.has(bare.toLowerCase());
}

function cut(text) {
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
