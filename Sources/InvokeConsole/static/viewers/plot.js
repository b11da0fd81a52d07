/** A line, bars or a scatter of two columns of a table. */
import { h, replace } from "../dom.js";
import { count } from "../format.js";
import { scale } from "./scale.js";
import { table } from "./table.js";

const size = { height: 340, left: 64, right: 36, top: 16, bottom: 52 };
const titles = { line: "Line", bar: "Bars", scatter: "Scatter" };

export async function show(source) {
  const data = await table(source);
  const { columns } = await data.columns();
  const numeric = columns.map(({ kind }, i) => ({ kind, i })).filter(({ kind }) => kind === "number").map(({ i }) => i);
  if (!numeric.length) return h("p", { class: "empty" }, "No column of this table holds numbers only: there is nothing to plot.");

  const x = select("Across", [["", "Row number"], ...columns.map(({ name }, i) => [i, name])]);
  const y = select("Up", numeric.map((i) => [i, columns[i].name]));
  const kind = select("As", Object.entries(titles));
  const other = columns.findIndex((column, i) => column.kind !== "text" && i !== numeric.at(-1));
  const text = columns.findIndex((column) => column.kind === "text");
  kind.field.value = other < 0 && text >= 0 ? "bar" : "line";
  x.field.value = other >= 0 ? other : text >= 0 ? text : "";
  y.field.value = numeric.find((i) => String(i) !== x.field.value) ?? numeric[0];
  const figure = h("figure", { class: "plot" });
  let turn = 0;
  let paint = () => {};
  let painted = 0;

  async function draw() {
    const mine = ++turn;
    const across = x.field.value === "" ? undefined : Number(x.field.value);
    const up = Number(y.field.value);
    const points = await data.series(across, up, kind.field.value);
    if (mine !== turn) return;
    const names = { x: across === undefined ? "Row number" : columns[across].name, y: columns[up].name };
    const plot = kind.field.value;
    const told = points.total ? summary(points, names, plot) : "No row has a number in both columns.";
    paint = () => {
      painted = figure.clientWidth;
      const drawn = points.total ? picture(points, names, plot, told, Math.max(300, painted || 720)) : "";
      replace(figure, drawn, h("figcaption", { class: "muted" }, told));
    };
    paint();
  }

  for (const { field } of [x, y, kind]) field.addEventListener("change", draw);
  new ResizeObserver(() => figure.clientWidth !== painted && paint()).observe(figure);
  await draw();
  return h("div", { class: "view-plot" }, h("div", { class: "view-tools" }, x.label, y.label, kind.label), figure);
}

function select(name, options) {
  const field = h("select", {}, ...options.map(([value, text]) => h("option", { value: String(value) }, text)));
  return { field, label: h("label", {}, `${name} `, field) };
}

function summary({ total, drawn, each, extent, kind }, names, plot) {
  const text = kind === "time" ? moment : short;
  const span = kind === "text" || plot === "bar" ? "" : ` ${names.x} goes from ${text(extent.x[0])} to ${text(extent.x[1])}.`;
  const thinned = each > 1 ? ` Each bar is the mean of ${count(each)} rows.`
    : drawn === total ? "" : ` ${count(drawn)} points are drawn; ${plot === "line" ? "highest and lowest are among them" : "the others lie on them"}.`;
  return `${names.y} by ${names.x}, ${count(total)} ${total === 1 ? "point" : "points"}.${span}`
    + ` ${names.y} goes from ${short(extent.y[0])} to ${short(extent.y[1])}.${thinned}`;
}

function moment(value) {
  return new Date(value).toISOString().slice(0, 16).replace("T", " ");
}

function short(value) {
  return Number(value.toPrecision(6)).toLocaleString("en", { maximumSignificantDigits: 6 });
}

function picture({ points, labels, kind, extent }, names, plot, told, width) {
  const { height, left, right, top, bottom } = size;
  const band = plot === "bar" || kind === "text";
  const across = band ? undefined : scale(extent.x, [left, width - right], { kind, ticks: Math.round(width / 120) });
  const up = scale(extent.y, [height - bottom, top], { fromZero: plot === "bar" });
  const slot = (width - left - right) / points.length;
  const atX = (point, i) => band ? left + slot * (i + 0.5) : across.at(point[0]);
  const drawing = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": told });

  for (const { value, text } of up.ticks) {
    const at = up.at(value);
    drawing.append(svg("line", { class: "plot-grid", x1: left, x2: width - right, y1: at, y2: at }),
      svg("text", { x: left - 8, y: at + 4, "text-anchor": "end" }, text));
  }
  const every = band ? Math.ceil(points.length / (width / 90)) : 1;
  const marks = band ? points.map((point, i) => ({ at: atX(point, i), text: clip(kind === "time" ? moment(labels[i]).slice(0, 10) : String(labels[i]), 12) })).filter((_, i) => i % every === 0)
    : across.ticks.map(({ value, text }) => ({ at: across.at(value), text }));
  for (const { at, text } of marks) {
    drawing.append(svg("line", { class: "plot-axis", x1: at, x2: at, y1: height - bottom, y2: height - bottom + 5 }),
      svg("text", { x: at, y: height - bottom + 19, "text-anchor": "middle" }, text));
  }
  drawing.append(
    svg("text", { class: "plot-name", x: (left + width - right) / 2, y: height - 8, "text-anchor": "middle" }, clip(names.x, 60)),
    svg("text", { class: "plot-name", x: 0, y: 0, "text-anchor": "middle",
      transform: `translate(14 ${(top + height - bottom) / 2}) rotate(-90)` }, clip(names.y, 40)));

  if (plot === "line") {
    const path = points.map((point, i) => `${i ? "L" : "M"}${atX(point, i).toFixed(1)} ${up.at(point[1]).toFixed(1)}`).join("");
    drawing.append(svg("path", { class: "plot-line", d: path }));
  }
  if (plot === "scatter" || (plot === "line" && points.length <= 40)) {
    drawing.append(...points.map((point, i) => svg("circle", { class: "plot-dot", cx: atX(point, i).toFixed(1), cy: up.at(point[1]).toFixed(1), r: 3 })));
  }
  if (plot === "bar") {
    drawing.append(...points.map((point, i) => {
      const [from, to] = [up.at(0), up.at(point[1])].sort((a, b) => a - b);
      return svg("rect", { class: "plot-bar", x: atX(point, i) - slot * 0.4, y: from, width: slot * 0.8, height: Math.max(1, to - from) });
    }));
  }
  drawing.append(svg("path", { class: "plot-axis", d: `M${left} ${top}V${height - bottom}H${width - right}` }));
  return drawing;
}

function clip(text, most) {
  return text.length > most ? `${text.slice(0, most - 1)}…` : text;
}

function svg(tag, attributes, text) {
  return h(tag, { svg: true, ...attributes }, text);
}
