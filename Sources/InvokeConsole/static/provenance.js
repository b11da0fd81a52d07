/* The graph of where an asset came from and what became of it. */

import { announce } from "./dom.js";
import { NODE, arrow, draw, svg } from "./graph/draw.js";
import { save, standalone } from "./graph/export.js";
import { layout } from "./graph/layout.js";
import { Provenance } from "./graph/model.js";
import { tell } from "./graph/table.js";
import { movable } from "./graph/view.js";
import { nameAll, walk } from "./graph/walk.js";

/** How many assets one step brings. */
const STEP = 12;
/** With more jobs than this, who answers for them is left out at first. */
const MANY_JOBS = 6;
/** The scale at which names can still be read. */
const LEGIBLE = 0.7;

const figure = document.getElementById("graph");
const agents = document.getElementById("agents");
const { start } = figure.dataset;
const provenance = new Provenance();
/** By node and side: where the next page is; null when there is nothing more. */
const steps = new Map();

const content = svg("g", { class: "content" });
const drawing = svg("svg", { class: "drawing", role: "group", tabindex: 0, "aria-label": "Graph; arrow keys move it, plus and minus scale it" }, arrow(), content);
const view = movable(drawing, content);
let size = { width: 1, height: 1 };
let places = new Map();

/** Everything, if it can be read then; else what lies around the beginning. */
function overview() {
  const height = (size.height * Math.min(1, Math.max(LEGIBLE, (drawing.clientWidth - 40) / size.width))) + 80;
  drawing.style.height = `${Math.round(Math.min(Math.max(height, 240), 640))}px`;
  view.fit(size, LEGIBLE);
  if (size.width * LEGIBLE > drawing.clientWidth || size.height * LEGIBLE > drawing.clientHeight) {
    view.centre({ ...places.get(start), ...NODE });
  }
}

function show() {
  const nodes = [...provenance.nodes.values()].filter(({ kind }) => agents.checked || kind !== "agent");
  const edges = [...provenance.edges.values()];
  const placed = layout(nodes.map(({ id }) => ({ id, ...NODE })), edges);
  size = { width: placed.width, height: placed.height };
  places = placed.places;
  draw(content, { nodes, edges, placed, start, handles, onFocus: view.reveal });
  tell(document.querySelector("#facts tbody"), provenance);
}

/** What can be shown more of a node. */
function handles(node) {
  if (!node.local) return [];
  const sides = [];
  const step = (side, label) => sides.push({ side, label, act: () => expand(node, side) });
  const next = (side) => steps.get(`${node.id} ${side}`);
  const isMade = provenance.neighbours(node.id, "made", "to").length > 0;
  if (node.kind === "asset" && !isMade && next("up") !== null) step("up", `Show what ${node.name} was made of`);
  if (next("down") !== null) step("down", next("down") ? `Show more that ${node.name} was used for` : `Show what ${node.name} was used for`);
  return sides;
}

async function expand(node, side) {
  const key = `${node.id} ${side}`;
  const path = steps.get(key) ?? `/api/v1/meta/data/${node.local}/provenance?direction=${side}&depth=1&limit=${STEP}`;
  let page;
  try {
    page = await walk(path);
  } catch (error) {
    return announce(error.message, "bad");
  }
  steps.set(key, page.next ?? null);
  const fresh = provenance.add(page.document).map((id) => provenance.nodes.get(id));
  await nameAll(fresh, ({ id }, name) => provenance.call(id, name));
  show();
  const jobs = fresh.filter(({ kind }) => kind === "job").length;
  const assets = fresh.filter(({ kind }) => kind === "asset").length;
  announce(fresh.length ? `${jobs} jobs and ${assets} assets more` : side === "up" ? `No job here made ${node.name}.` : `Nothing else was made of ${node.name}.`);
  grow();
  focus(node.id, side);
}

/** Makes room for a drawing that has become higher. */
function grow() {
  const height = Math.min(size.height * view.scale + 80, 640);
  if (height > drawing.clientHeight) drawing.style.height = `${Math.round(height)}px`;
}

/** The handle that was used, if it is still there, or its node. */
function focus(id, side) {
  const node = content.querySelector(`[data-node="${CSS.escape(id)}"]`);
  (node?.querySelector(`[data-side="${side}"]`) ?? node?.querySelector("a"))?.focus();
}

for (const document of JSON.parse(figure.dataset.documents)) provenance.add(document);
for (const [id, name] of Object.entries(JSON.parse(figure.dataset.names))) provenance.call(id, name);
for (const side of figure.dataset.whole?.split(" ") ?? []) steps.set(`${start} ${side}`, null);
agents.checked = provenance.jobs.length <= MANY_JOBS;
figure.hidden = false;
figure.querySelector(".stage").append(drawing);
show();
overview();

agents.addEventListener("change", () => {
  show();
  overview();
});
const actions = { in: () => view.zoom(1.25), out: () => view.zoom(0.8), fit: () => view.fit(size) };
figure.querySelectorAll("[data-view-action]").forEach((button) => button.addEventListener("click", actions[button.dataset.viewAction]));
document.getElementById("export").hidden = false;
document.getElementById("export").addEventListener("click", (event) => {
  save(event.currentTarget.dataset.file, "image/svg+xml", standalone(drawing, size));
});
