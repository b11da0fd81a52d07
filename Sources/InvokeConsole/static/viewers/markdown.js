/** Formatted text: Markdown's blocks built as elements. What is not Markdown, HTML included, stays text. */
import { h } from "../dom.js";
import { inline } from "./markdown-inline.js";

const deepest = 12;
const longest = 100_000;
const widest = 5000;

export async function show(source) {
  const text = await source.text();
  const lines = text.slice(0, longest).replaceAll("\t", "    ").split(/\r?\n/);
  return h("article", { class: "markdown" }, ...blocks(lines, 0),
    text.length > longest ? h("p", { class: "note" }, "This is only its beginning; all of it is under Text.") : "");
}

const fence = /^ {0,3}(`{3,}|~{3,})\s*([^`]*)$/;
const heading = /^ {0,3}(#{1,6})(?:\s+(.*?))?(?:\s+#+)?\s*$/;
const rule = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const item = /^( {0,3})([-*+]|\d{1,9}[.)])(\s+|$)(.*)$/;
const divider = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

/** The elements of some lines. */
function blocks(lines, depth) {
  const built = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at];
    let match;
    if (!line.trim()) at++;
    else if (line.length > widest) built.push(h("p", {}, lines[at++]));
    else if (depth > deepest) {
      built.push(h("p", {}, lines.slice(at).join("\n")));
      break;
    } else if ((match = fence.exec(line))) at = code(lines, at, match, built);
    else if (/^ {4}/.test(line)) at = indented(lines, at, built);
    else if ((match = heading.exec(line))) {
      built.push(title(match[1].length, match[2] ?? ""));
      at++;
    } else if (rule.test(line)) {
      built.push(h("hr", {}));
      at++;
    } else if (/^ {0,3}>/.test(line)) at = quote(lines, at, built, depth);
    else if (item.test(line)) at = list(lines, at, built, depth);
    else if (line.includes("|") && divider.test(lines[at + 1] ?? "") && lines[at + 1].includes("-")) at = table(lines, at, built);
    else at = paragraph(lines, at, built);
  }
  return built;
}

/** Headings go below those of the page around: # is an h3. */
function title(level, text) {
  return h(`h${Math.min(6, level + 2)}`, { class: `markdown-h${level}` }, ...inline(text));
}

function code(lines, at, [, marks], built) {
  const end = lines.findIndex((line, i) => i > at && line.trim().startsWith(marks) && !line.trim().slice(marks.length).replaceAll(marks[0], ""));
  const stop = end < 0 ? lines.length : end;
  built.push(block(lines.slice(at + 1, stop)));
  return stop + 1;
}

function indented(lines, at, built) {
  let end = at;
  while (end < lines.length && (/^ {4}/.test(lines[end]) || !lines[end].trim())) end++;
  built.push(block(lines.slice(at, end).map((line) => line.slice(4))));
  return end;
}

function block(lines) {
  return h("pre", { class: "code", tabindex: "0" }, h("code", {}, lines.join("\n").trimEnd()));
}

function quote(lines, at, built, depth) {
  let end = at;
  while (end < lines.length && lines[end].trim() && (/^ {0,3}>/.test(lines[end]) || !starts(lines[end]))) end++;
  built.push(h("blockquote", {}, ...blocks(lines.slice(at, end).map((line) => line.replace(/^ {0,3}> ?/, "")), depth + 1)));
  return end;
}

function list(lines, at, built, depth) {
  const numbered = (mark) => /\d/.test(mark);
  const [, , mark] = item.exec(lines[at]);
  const items = [];
  while (at < lines.length) {
    const match = item.exec(lines[at]);
    if (!match || numbered(match[2]) !== numbered(mark) || rule.test(lines[at])) break;
    const indent = match[1].length + match[2].length + Math.min(4, Math.max(1, match[3].length));
    const own = [match[4]];
    for (at++; at < lines.length; at++) {
      const line = lines[at];
      const inner = line.length - line.trimStart().length >= Math.min(indent, 2) && /^ {2}/.test(line);
      if (!line.trim() ? !/^ {2}/.test(lines[at + 1] ?? "") : !inner && (starts(line) || !lines[at - 1].trim())) break;
      own.push(line.slice(Math.min(indent, line.length - line.trimStart().length)));
    }
    items.push(h("li", {}, ...loosened(blocks(own, depth + 1))));
    while (at < lines.length && !lines[at].trim() && item.test(lines[at + 1] ?? "")) at++;
  }
  const start = numbered(mark) ? parseInt(mark, 10) : 1;
  built.push(h(numbered(mark) ? "ol" : "ul", start === 1 ? {} : { start: String(start) }, ...items));
  return at;
}

/** A single paragraph of an item needs no paragraph around it. */
function loosened(built) {
  const [first, ...rest] = built;
  return first?.tagName === "P" ? [...first.childNodes, ...rest] : built;
}

function table(lines, at, built) {
  const cells = (line) => line.trim().replace(/^\||\|$/g, "").split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
  const names = cells(lines[at]);
  const sides = cells(lines[at + 1]).map((mark) => mark.endsWith(":") && !mark.startsWith(":"));
  let end = at + 2;
  while (end < lines.length && lines[end].includes("|")) end++;
  const rows = lines.slice(at + 2, end).map(cells);
  const side = (i) => sides[i] ? { class: "number" } : {};
  built.push(h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table" }, h("table", { class: "list" },
    h("thead", {}, h("tr", {}, ...names.map((name, i) => h("th", { scope: "col", ...side(i) }, ...inline(name))))),
    h("tbody", {}, ...rows.map((row) => h("tr", {}, ...names.map((_, i) => h("td", side(i), ...inline(row[i] ?? ""))))))))); 
  return end;
}

function paragraph(lines, at, built) {
  let end = at + 1;
  while (end < lines.length && lines[end].trim() && !starts(lines[end])) {
    const under = /^ {0,3}(=+|-+)\s*$/.exec(lines[end]);
    if (under) {
      built.push(title(under[1][0] === "=" ? 1 : 2, lines.slice(at, end).join(" ").trim()));
      return end + 1;
    }
    end++;
  }
  built.push(h("p", {}, ...inline(lines.slice(at, end).map((line) => line.replace(/^ +/, "")).join("\n"))));
  return end;
}

/** Whether a line begins a block of its own, which ends a paragraph. */
function starts(line) {
  return heading.test(line) || fence.test(line) || /^ {0,3}>/.test(line) || item.test(line) || (rule.test(line) && !/^ {0,3}-+\s*$/.test(line));
}
