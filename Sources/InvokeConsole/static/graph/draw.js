const SVG = "http://www.w3.org/2000/svg";

/** The size of every node, in pixels of the drawing. */
export const NODE = { width: 176, height: 48 };

const WORDS = { asset: "Asset", operation: "Operation", job: "Job", agent: "Agent" };

/** Makes an SVG element. */
export function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/**
 * Draws nodes and edges where `layout` has placed them, into a group.
 *
 * `handles(node)` names what can be shown more of a node: `[{ side: "up" | "down", label, act }]`. `start` is the id of
 * the node that the drawing is about.
 */
export function draw(group, { nodes, edges, placed, start, handles, onFocus }) {
  const { places, bends } = placed;
  const lines = edges
    .filter(({ from, to }) => places.has(from) && places.has(to))
    .map((edge) =>
      svg("path", { class: `edge ${edge.kind === "answers for" ? "faint" : ""}`, "marker-end": "url(#arrow)", d: path(edge, places, bends) }));
  const boxes = nodes.map((node) => drawNode(node, places.get(node.id), { start, handles: handles(node), onFocus }));
  group.replaceChildren(svg("g", { class: "edges", "aria-hidden": "true" }, ...lines), ...boxes);
}

function drawNode(node, place, { start, handles, onFocus }) {
  const isStart = node.id === start;
  const label = [
    svg("title", {}, `${node.name}, ${WORDS[node.kind].toLowerCase()} ${node.detail}`),
    svg("rect", { class: "box", width: NODE.width, height: NODE.height, rx: node.kind === "job" ? 2 : node.kind === "agent" ? 24 : 10 }),
    svg("text", { class: "name", x: 14, y: 20 }, cut(node.name, 18)),
    svg("text", { class: "detail", x: 14, y: 37 }, cut(`${WORDS[node.kind]} ${node.detail}`, 25)),
  ];
  const name = `${node.name}, ${WORDS[node.kind].toLowerCase()} ${node.detail}${isStart ? ", where you are" : ""}`;
  const body = node.href
    ? svg("a", { href: node.href, "aria-label": name, ...(isStart ? { "aria-current": "page" } : {}) }, ...label)
    : svg("g", { role: "img", "aria-label": name }, ...label);
  const buttons = handles.map((handle) => drawHandle(handle));
  const drawn = svg("g", { class: `node ${node.kind}${isStart ? " start" : ""}`, transform: `translate(${place.x} ${place.y})`, "data-node": node.id }, body, ...buttons);
  drawn.addEventListener("focusin", () => onFocus({ ...place, ...NODE }));
  return drawn;
}

function drawHandle({ side, label, act }) {
  const x = side === "up" ? 0 : NODE.width;
  const handle = svg(
    "g",
    { class: "handle", role: "button", tabindex: 0, "aria-label": label, "data-side": side, transform: `translate(${x} ${NODE.height / 2})` },
    svg("title", {}, label),
    svg("circle", { r: 12 }),
    svg("path", { d: "M-5 0H5M0 -5V5" }),
  );
  handle.addEventListener("click", act);
  handle.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    act();
  });
  return handle;
}

/** A line of curves from the right side of one node, through the bends, to the left side of the other. */
function path(edge, places, bends) {
  const from = places.get(edge.from);
  const to = places.get(edge.to);
  let last = { x: from.x + NODE.width, y: from.y + NODE.height / 2 };
  let d = `M${round(last.x)} ${round(last.y)}`;
  const curveTo = (x, y) => {
    const middle = (last.x + x) / 2;
    d += ` C${round(middle)} ${round(last.y)} ${round(middle)} ${round(y)} ${round(x)} ${round(y)}`;
    last = { x, y };
  };
  for (const bend of bends.get(edge) ?? []) {
    curveTo(bend.x, bend.y);
    d += ` H${round(bend.x + NODE.width)}`;
    last.x = bend.x + NODE.width;
  }
  curveTo(to.x - 4, to.y + NODE.height / 2);
  return d;
}

/** The tip of an edge. */
export const arrow = () =>
  svg(
    "defs",
    {},
    svg(
      "marker",
      { id: "arrow", viewBox: "0 0 8 8", refX: 6, refY: 4, markerWidth: 7, markerHeight: 7, orient: "auto" },
      svg("path", { class: "tip", d: "M0 0L8 4L0 8z" }),
    ),
  );

const cut = (text, length) => (text.length > length ? `${text.slice(0, length - 1)}…` : text);
const round = (number) => Math.round(number * 10) / 10;
