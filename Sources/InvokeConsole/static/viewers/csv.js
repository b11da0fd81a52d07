/** Cells of a row that are read. */
export const widest = 1000;

/** Reads rows of cells from delimited text: quotes, doubled quotes, line breaks in cells, CRLF. */
export function parse(text, delimiter, most = Infinity) {
  const rows = [];
  let row = [];
  let at = 0;
  const { length } = text;
  let nextDelimiter = -1;
  let nextBreak = -1;
  while (at <= length && rows.length < most) {
    let cell;
    if (text[at] === '"') {
      let end = at + 1;
      for (;;) {
        end = text.indexOf('"', end);
        if (end < 0) end = length;
        if (text[end + 1] !== '"') break;
        end += 2;
      }
      cell = text.slice(at + 1, end).replaceAll('""', '"');
      at = Math.min(end + 1, length);
    }
    if (nextDelimiter < at) nextDelimiter = find(text, delimiter, at);
    if (nextBreak < at) nextBreak = find(text, "\n", at);
    const end = Math.min(nextDelimiter, nextBreak);
    const rest = text.slice(at, end === nextBreak && text[end - 1] === "\r" && end > at ? end - 1 : end);
    if (row.length < widest) row.push(cell === undefined ? rest : cell + rest);
    at = end + 1;
    if (end === nextDelimiter && end < length) continue;
    if (row.length > 1 || row[0] !== "") rows.push(row);
    row = [];
  }
  return rows;
}

/** The delimiter with which the first rows are cut most evenly. */
export function delimiterOf(text) {
  const start = text.slice(0, 65536);
  let best = { delimiter: ",", score: 0 };
  for (const delimiter of [",", ";", "\t", "|"]) {
    const widths = parse(start, delimiter, 20).map((row) => row.length);
    if (widths.length > 2 && start.length < text.length) widths.pop();
    const same = widths.filter((width) => width === widths[0]).length / widths.length;
    const score = widths[0] > 1 ? same * 1000 + widths[0] : 0;
    if (score > best.score) best = { delimiter, score };
  }
  return best.delimiter;
}

function find(text, part, at) {
  const found = text.indexOf(part, at);
  return found < 0 ? text.length : found;
}
