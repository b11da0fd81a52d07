/** A text by chunks of lines, with line numbers and search. */
import { h, replace } from "../dom.js";
import { count } from "../format.js";
import { open } from "./open.js";
import { search } from "./search.js";

const chunk = 500;

export async function show(source) {
  const data = await open("text", source);
  const { pieces, lines } = await data.size();
  const status = h("span", { class: "muted", role: "status" });
  const body = h("div", { class: "text-lines" });
  const scroll = h("div", { class: "text-scroll", tabindex: "0", role: "region", "aria-label": `Text of ${source.name}` }, body);
  const turn = (text, step) => h("button", { type: "button", on: { click: () => draw(first + step * chunk, true) } }, text);
  const steps = [turn("Earlier lines", -1), turn("Later lines", 1)];
  const marks = new Marks();
  let places = [];
  let length = 0;
  let first = -1;

  async function draw(from, scrolled) {
    const start = Math.max(0, Math.min(from, pieces - 1));
    first = start - (start % chunk);
    const shown = await data.pieces(first, first + chunk);
    replace(body, ...shown.map(({ number, text }) => h("div", { "data-line": number ? String(number) : "" }, text || "\u200b")));
    const numbers = shown.map(({ number }) => number).filter(Boolean);
    status.textContent = pieces <= chunk ? `${count(lines)} ${lines === 1 ? "line" : "lines"}`
      : `Lines ${count(numbers[0] ?? 0)} to ${count(numbers.at(-1) ?? 0)} of ${count(lines)}`;
    steps[0].disabled = first === 0;
    steps[1].disabled = first + chunk >= pieces;
    if (scrolled) scroll.scrollTop = 0;
    mark();
  }

  function mark(chosen) {
    const ranges = places.filter(([piece]) => piece >= first && piece < first + chunk).map((place) => range(place));
    marks.set(ranges.filter(Boolean), chosen && range(chosen));
  }

  function range([piece, at]) {
    const node = body.children[piece - first]?.firstChild;
    if (!node || at >= node.length) return undefined;
    const found = new Range();
    found.setStart(node, at);
    found.setEnd(node, Math.min(node.length, at + length));
    return found;
  }

  const find = search(`Find in ${source.name}`, {
    find: async (text) => {
      places = await data.find(text);
      length = text.length;
      return { count: places.length, reachable: places.length, more: places.length === 100000 };
    },
    go: async (i) => {
      const place = places[i];
      if (place[0] < first || place[0] >= first + chunk) await draw(place[0]);
      mark(place);
      const line = body.children[place[0] - first];
      scroll.scrollTop = line.offsetTop - scroll.clientHeight / 2;
    },
    clear: () => {
      places = [];
      mark();
    },
  });
  source.whenClosed(() => marks.set([]));
  await draw(0);
  return h("div", { class: "view-text" }, h("div", { class: "view-tools" }, find, status),
    scroll, pieces > chunk ? h("div", { class: "view-tools" }, ...steps) : "");
}

/** What was found, painted over the text without touching it; all texts of a page share the two names. */
class Marks {
  #mine = [];

  set(ranges, chosen) {
    if (!("highlights" in CSS)) return;
    for (const [name, all] of [["found", ranges], ["chosen", chosen ? [chosen] : []]]) {
      if (!CSS.highlights.has(name)) CSS.highlights.set(name, new Highlight());
      const highlight = CSS.highlights.get(name);
      for (const range of this.#mine) highlight.delete(range);
      for (const range of all) highlight.add(range);
    }
    CSS.highlights.get("chosen").priority = 1;
    this.#mine = chosen ? [...ranges, chosen] : ranges;
  }
}
