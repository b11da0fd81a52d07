/** Rows and columns, sorted by their headers and filtered by a text; only the rows in sight are built. */
import { h } from "../dom.js";
import { count } from "../format.js";
import { open } from "./open.js";
import { Roll } from "./roll.js";

const rowHeight = 28;
const widest = 40;

/** The table of a source, read once for all viewers of it. */
export function table(source) {
  return source.table ??= open("table", source, { from: source.is.kind }).catch((error) => {
    source.table = undefined;
    throw error;
  });
}

export async function show(source) {
  const data = await table(source);
  const { columns, count: all, cut } = await data.columns();
  if (!columns.length) return h("p", { class: "empty" }, "This table has no rows.");
  const seen = columns.slice(0, widest);
  const state = { column: undefined, descending: false, filter: "" };
  const status = h("span", { class: "muted", role: "status" });
  const filter = h("input", { type: "search", autocomplete: "off", on: { input: () => later() } });
  const heads = seen.map(({ name }, i) => h("th", { scope: "col", class: seen[i].kind === "number" ? "number" : null },
    h("button", { type: "button", on: { click: () => sortBy(i) } }, name,
      h("span", { class: "table-arrow", "aria-hidden": "true" }))));
  const widths = seen.map(({ width }) => Math.min(40, Math.max(5, width)) + 3);
  const body = h("tbody", {});
  const grid = h("table", { class: "table-grid", "aria-label": `Rows of ${source.name}`, "aria-rowcount": String(all + 1) },
    h("colgroup", {}, ...widths.map((width) => {
      const col = h("col", {});
      col.style.width = `${width}ch`;
      return col;
    })),
    h("thead", {}, h("tr", { "aria-rowindex": "1" }, ...heads)), body);
  const roll = new Roll(grid, { label: `Table ${source.name}`, height: rowHeight, reserved: rowHeight + 4, draw });
  grid.style.minWidth = `${widths.reduce((sum, width) => sum + width, 0)}ch`;
  let drawn = 0;
  let top = 0;
  let arranged = 0;
  let timer;

  async function draw(first, shown, rest) {
    const turn = ++drawn;
    const rows = await data.rows(first, first + shown);
    if (turn !== drawn) return;
    const lines = [...body.rows];
    const by = first - top;
    if (by > 0 && by < lines.length) body.append(...lines.slice(0, by));
    if (by < 0 && -by < lines.length) body.prepend(...lines.slice(by));
    top = first;
    while (body.rows.length < rows.length) body.append(row(seen));
    while (body.rows.length > rows.length) body.lastChild.remove();
    rows.forEach((cells, i) => {
      const line = body.rows[i];
      line.setAttribute("aria-rowindex", String(first + i + 2));
      seen.forEach((_, column) => {
        const box = line.cells[column];
        const text = cells[column];
        if (box.textContent === text) return;
        box.textContent = text;
        box.title = text.length > 24 ? text : "";
      });
    });
    body.style.transform = `translateY(${-rest}px)`;
  }

  async function arrange() {
    const turn = ++arranged;
    grid.setAttribute("aria-busy", "true");
    status.textContent = "Working…";
    const found = await data.arrange({ ...state });
    if (turn !== arranged) return;
    grid.removeAttribute("aria-busy");
    grid.setAttribute("aria-rowcount", String(found + 1));
    tell(found);
    roll.element.scrollTop = 0;
    roll.count = found;
  }

  function tell(found) {
    const rows = found === all ? `${count(all)} ${all === 1 ? "row" : "rows"}` : `${count(found)} of ${count(all)} rows`;
    const hidden = columns.length > seen.length ? `, the first ${widest} columns` : "";
    status.textContent = rows + hidden + (cut ? "; what follows is only in the download" : "");
  }

  function sortBy(column) {
    if (state.column !== column) Object.assign(state, { column, descending: false });
    else if (!state.descending) state.descending = true;
    else state.column = undefined;
    heads.forEach((head, i) => {
      if (i !== state.column) head.removeAttribute("aria-sort");
      else head.setAttribute("aria-sort", state.descending ? "descending" : "ascending");
    });
    return arrange();
  }

  function later() {
    clearTimeout(timer);
    timer = setTimeout(() => {
      state.filter = filter.value;
      arrange();
    }, 150);
  }

  tell(all);
  roll.count = all;
  const shown = h("div", { class: "view-table" },
    h("div", { class: "view-tools" }, h("label", {}, "Rows with ", filter), status), roll.element);
  shown.addEventListener("shown", () => roll.refresh());
  return shown;
}

function row(columns) {
  return h("tr", {}, ...columns.map(({ kind }) => h("td", { class: kind === "number" ? "number" : null })));
}
