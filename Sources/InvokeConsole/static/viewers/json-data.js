/** A JSON document as a tree to be asked for piece by piece. Nothing here calls itself: a document may be deep. */

const page = 100;
const longest = 2000;
const scores = ["score", "probability", "confidence"];
const guesses = ["probabilities", "scores", "predictions"];
const labels = ["label", "name", "class", "category"];

/** A number that a double cannot hold, kept as it was written. */
class Exact {
  constructor(text) { this.text = text; }
}

export class Document {
  #parts;

  constructor(value) {
    this.value = value;
    this.#parts = [this.#part(value)];
  }

  static read(text) {
    if (/\d{17}/.test(text)) {
      try {
        return new Document(JSON.parse(text, (_, value, context) =>
          Number.isInteger(value) && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? "")
            ? new Exact(context.source) : value));
      } catch (error) {
        if (!(error instanceof RangeError)) throw error;
      }
    }
    return new Document(JSON.parse(text));
  }

  /** "labels", "scores" (perhaps labels), "rows", "value" or "tree": what the whole document can be shown as. */
  shape() {
    return shape(this.#guess) === "labels" ? "labels" : shape(this.value);
  }

  /** The 1,000 largest shares as [label, share], the largest first. */
  shares() {
    const value = shape(this.#guess) === "labels" ? this.#guess : this.value;
    const pairs = Array.isArray(value) ? value.map(pair) : Object.entries(value);
    return pairs.sort((a, b) => b[1] - a[1]).slice(0, 1000);
  }

  /** Where labels are looked for: beside the likeliest one some programs tell all, in a member. */
  get #guess() {
    const name = isObject(this.value) ? guesses.find((name) => isContainer(this.value[name])) : undefined;
    return name === undefined ? this.value : this.value[name];
  }

  root() {
    return this.#node(undefined, this.value, 0);
  }

  /** The children of a part in a range; when they are too many, ranges `{ from, to }` of them instead. */
  children(id, from = 0, to = this.#parts[id].count) {
    const { value, keys } = this.#parts[id];
    if (to - from > page) {
      let step = page;
      while ((to - from) / step > page) step *= page;
      return Array.from({ length: Math.ceil((to - from) / step) }, (_, i) =>
        ({ from: from + i * step, to: Math.min(to, from + (i + 1) * step) }));
    }
    return Array.from({ length: to - from }, (_, i) => {
      const key = keys ? keys[from + i] : from + i;
      const child = value[key];
      return this.#node(key, child, isContainer(child) ? this.#keep(id, from + i, child) : undefined);
    });
  }

  /** How many keys and plain values contain a text, and the way (positions of children) to the first 1,000. */
  async find(text) {
    return (await import("./json-find.js")).find(this.value, text.toLowerCase());
  }

  /** The JSON text of a part. */
  text(id) {
    try {
      return JSON.stringify(this.#parts[id].value, (_, value) => value instanceof Exact ? JSON.rawJSON(value.text) : value, 2);
    } catch (error) {
      throw new Error(`This part is too deep or too large to be copied (${error.message}).`);
    }
  }

  #keep(parent, position, value) {
    const { known } = this.#parts[parent];
    if (!known.has(position)) known.set(position, this.#parts.push(this.#part(value)) - 1);
    return known.get(position);
  }

  #part(value) {
    const keys = keysOf(value);
    return { value, keys, count: keys?.length ?? (Array.isArray(value) ? value.length : 0), known: new Map() };
  }

  #node(key, value, id) {
    if (!isContainer(value)) {
      const text = plain(value);
      const kind = value === null ? "null" : value instanceof Exact ? "number" : typeof value;
      return { key, kind, text: text.slice(0, longest), more: Math.max(0, text.length - longest) };
    }
    const { count } = this.#parts[id];
    return { key, kind: Array.isArray(value) ? "array" : "object", count, id };
  }
}

export const isContainer = (value) => typeof value === "object" && value !== null && !(value instanceof Exact);
const isObject = (value) => isContainer(value) && !Array.isArray(value);
const isShare = (value) => typeof value === "number" && value >= 0 && value <= 1;
export const keysOf = (value) => isObject(value) ? Object.keys(value) : undefined;
export const plain = (value) => value instanceof Exact ? value.text : String(value);

function shape(value) {
  if (!isContainer(value)) return "value";
  if (Array.isArray(value)) {
    if (!value.length) return "tree";
    if (value.every((item) => isObject(item) && pair(item))) return "labels";
    const row = (item) => isObject(item) ? Object.keys(item).length > 0 : Array.isArray(item) && item.length > 1;
    return value.every((item) => row(item) && Array.isArray(item) === Array.isArray(value[0])) ? "rows" : "tree";
  }
  const values = Object.values(value);
  if (values.length < 2 || values.length > 10000 || !values.every(isShare)) return "tree";
  return Math.abs(values.reduce((sum, share) => sum + share, 0) - 1) < 0.02 ? "labels" : "scores";
}

/** The [label, share] of an object with a label and a score. */
function pair(item) {
  const label = labels.find((name) => typeof item[name] === "string");
  const score = scores.find((name) => isShare(item[name]));
  return label && score ? [item[label], item[score]] : undefined;
}
