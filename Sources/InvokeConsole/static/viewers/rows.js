/** Makes `{ names, rows }` (cells are texts) out of CSV, JSON and JSON Lines. */
import { delimiterOf, parse, widest } from "./csv.js";

const longest = 2_000_000;

export function fromCsv(text) {
  const rows = parse(text, delimiterOf(text), longest);
  const width = rows.reduce((most, row) => Math.max(most, row.length), 0);
  const titled = rows.length > 0 && rows[0].every((cell) => cell.trim() === "" || Number.isNaN(Number(cell)));
  const first = titled ? rows.shift() : [];
  return { names: Array.from({ length: width }, (_, i) => first[i]?.trim() || `Column ${i + 1}`), rows, cut: rows.length >= longest - 1 };
}

export function fromJson(text) {
  return fromValues(JSON.parse(text));
}

export function fromLines(text) {
  const values = [];
  text.split(/\r?\n/).forEach((line, i) => {
    if (!line.trim()) return;
    try {
      values.push(JSON.parse(line));
    } catch (error) {
      throw new Error(`Line ${i + 1} is not valid JSON: ${error.message}`);
    }
  });
  return fromValues(values);
}

function fromValues(values) {
  if (!Array.isArray(values)) throw new Error("This JSON is no list of rows.");
  if (values.length && values.every(Array.isArray)) return fromArrays(values);
  const places = new Map();
  const rows = values.map((value) => {
    const cells = [];
    const object = typeof value === "object" && value !== null && !Array.isArray(value) ? value : { value };
    for (const name of Object.keys(object)) {
      if (!places.has(name)) {
        if (places.size === widest) continue;
        places.set(name, places.size);
      }
      cells[places.get(name)] = cell(object[name]);
    }
    return cells;
  });
  return { names: [...places.keys()], rows };
}

function fromArrays(values) {
  const titled = values.length > 1 && values[0].every((value) => typeof value === "string")
    && values[1].some((value) => typeof value !== "string");
  const first = titled ? values.shift() : [];
  const width = Math.min(widest, values.reduce((most, row) => Math.max(most, row.length), 0));
  return { names: Array.from({ length: width }, (_, i) => first[i] ?? `Column ${i + 1}`), rows: values.map((row) => row.map(cell)) };
}

function cell(value) {
  if (value === null || value === undefined) return "";
  if (typeof value !== "object") return String(value);
  try {
    return JSON.stringify(value);
  } catch {
    return Array.isArray(value) ? "[…]" : "{…}";
  }
}
