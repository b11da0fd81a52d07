/** A JSON document as a tree that is built as it is opened, with search and the path of what is chosen. */
import { announce, h, replace } from "../dom.js";
import { count } from "../format.js";
import { open } from "./open.js";

const searched = 1000;
const unfolded = 30;

/** The document of a source, read once for all viewers of it. */
export function document(source) {
  return source.document ??= open("json", source).catch((error) => {
    source.document = undefined;
    throw error;
  });
}

export async function show(source) {
  const data = await document(source);
  const root = await data.root();
  if (root.id === undefined) return h("p", { class: "json-alone" }, value(root));
  const tree = new Tree(data, source.name);
  await tree.start(root);
  if (source.size > searched) await tree.offerSearch(source.name);
  return tree.element;
}

class Tree {
  #data; #list; #path; #copy; #tools; #hits = []; #chosen; #parts = new WeakMap();

  constructor(data, name) {
    this.#data = data;
    this.#list = h("ul", { class: "json-tree", role: "tree", "aria-label": `Values of ${name}`, on: {
      click: (event) => this.#clicked(event), keydown: (event) => this.#pressed(event),
    } });
    this.#path = h("code", { class: "json-path" });
    this.#copy = [this.#button("Copy path", () => this.#path.textContent),
      this.#button("Copy value", () => this.#parts.get(this.#chosen).whole())];
    this.#tools = h("div", { class: "view-tools" });
    this.element = h("div", { class: "view-json" }, this.#tools, h("div", { class: "json-scroll" }, this.#list),
      h("div", { class: "json-foot" }, this.#path, ...this.#copy));
  }

  async offerSearch(name) {
    const { search } = await import("./search.js");
    this.#tools.append(search(`Find in ${name}`, {
      find: async (text) => {
        const { count: all, ways } = await this.#data.find(text);
        this.#hits = ways;
        return { count: all, reachable: ways.length };
      },
      go: (i) => this.#reveal(this.#hits[i]),
      clear: () => this.#list.querySelector(".json-hit")?.classList.remove("json-hit"),
    }));
  }

  async start(root) {
    const item = this.#item(root, "$");
    this.#list.append(item);
    this.#choose(item);
    const opened = [item];
    for (const one of opened) {
      await this.#expand(one);
      const inner = [...one.lastElementChild.children].filter((child) => {
        const { count: within } = this.#parts.get(child).node;
        return within > 0 && within <= 10;
      });
      if (this.#list.querySelectorAll("[role=treeitem]").length < unfolded) opened.push(...inner);
    }
  }

  #button(text, content) {
    return h("button", { type: "button", on: { click: async () => {
      try {
        if (!navigator.clipboard) throw new Error("the browser lets pages copy only over HTTPS");
        await navigator.clipboard.writeText(await content());
        announce(text === "Copy path" ? "Path copied" : "Value copied", "ok");
      } catch (error) {
        announce(`Not copied: ${error.message}`, "bad");
      }
    } } }, text);
  }

  #item(node, path) {
    const item = h("li", { role: "treeitem", tabindex: "-1" });
    const range = node.kind === undefined;
    const row = h("div", { class: "json-row" }, h("span", { class: "json-mark", "aria-hidden": "true" }));
    if (node.key !== undefined) row.append(h("span", { class: "json-key" }, String(node.key)), ": ");
    row.append(range ? h("span", { class: "muted" }, `${node.from} … ${node.to - 1}`) : value(node));
    item.append(row);
    item.setAttribute("aria-label", row.textContent.slice(0, 300));
    if (range || node.count) item.setAttribute("aria-expanded", "false");
    this.#parts.set(item, { node, path, whole: () => node.id === undefined ? whole(node) : this.#data.text(node.id) });
    return item;
  }

  async #expand(item) {
    if (item.getAttribute("aria-expanded") !== "false") return;
    item.setAttribute("aria-expanded", "true");
    const group = h("ul", { role: "group" });
    item.append(group);
    const { node, path } = this.#parts.get(item);
    const nodes = await this.#data.children(node.id, node.from, node.to);
    replace(group, ...nodes.map((child) => child.kind === undefined ? this.#item({ ...child, id: node.id }, path)
      : this.#item(child, path + step(child.key))));
  }

  #fold(item) {
    if (item.getAttribute("aria-expanded") !== "true") return;
    item.setAttribute("aria-expanded", "false");
    item.lastElementChild.remove();
    if (!this.#list.contains(this.#chosen)) this.#choose(item);
  }

  #choose(item) {
    this.#chosen?.setAttribute("tabindex", "-1");
    this.#chosen?.removeAttribute("aria-selected");
    this.#chosen = item;
    item.setAttribute("tabindex", "0");
    item.setAttribute("aria-selected", "true");
    this.#path.textContent = this.#parts.get(item).path;
  }

  #clicked(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item || !event.target.closest(".json-row")) return;
    this.#choose(item);
    item.focus({ preventScroll: true });
    if (event.target.closest(".json-text")) return;
    if (item.getAttribute("aria-expanded") === "true") this.#fold(item);
    else this.#expand(item);
  }

  async #pressed(event) {
    const item = event.target.closest("[role=treeitem]");
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const all = () => [...this.#list.querySelectorAll("[role=treeitem]")];
    const isOpen = item.getAttribute("aria-expanded");
    const moves = {
      ArrowDown: () => all()[all().indexOf(item) + 1], ArrowUp: () => all()[all().indexOf(item) - 1],
      Home: () => all()[0], End: () => all().at(-1),
      ArrowRight: () => isOpen === "true" ? item.querySelector("[role=treeitem]") : void this.#expand(item),
      ArrowLeft: () => isOpen === "true" ? void this.#fold(item) : item.parentElement.closest("[role=treeitem]"),
      Enter: () => isOpen === "true" ? void this.#fold(item) : void this.#expand(item),
    };
    if (!moves[event.key]) return;
    event.preventDefault();
    const next = moves[event.key]();
    if (!next) return;
    this.#choose(next);
    next.focus();
  }

  /** Opens the way (positions of children) to a value and shows it. */
  async #reveal(way) {
    let item = this.#list.firstElementChild;
    for (const position of way) {
      for (;;) {
        await this.#expand(item);
        const children = [...item.lastElementChild.children];
        const from = this.#parts.get(item).node.from ?? 0;
        const ranged = children.find((child) => {
          const { node } = this.#parts.get(child);
          return node.kind === undefined && node.from <= position && position < node.to;
        });
        item = ranged ?? children[position - from];
        if (!ranged) break;
      }
    }
    this.#list.querySelector(".json-hit")?.classList.remove("json-hit");
    item.classList.add("json-hit");
    this.#choose(item);
    item.firstElementChild.scrollIntoView({ block: "nearest" });
  }
}

function value(node) {
  if (node.kind === "object") return h("span", { class: "muted" }, node.count ? `{ ${things(node.count, "member")} }` : "{ }");
  if (node.kind === "array") return h("span", { class: "muted" }, node.count ? `[ ${things(node.count, "item")} ]` : "[ ]");
  const shown = node.kind === "string" ? JSON.stringify(node.text) : node.text;
  return h("span", { class: `json-text json-${node.kind}` }, node.more ? `${shown} (and ${count(node.more)} characters more)` : shown);
}

function things(n, one) {
  return `${count(n)} ${one}${n === 1 ? "" : "s"}`;
}

function whole(node) {
  if (node.more) throw new Error("this text is long; it is whole under Text and in the download");
  return node.text;
}

/** How a path goes on from a part to its child. */
function step(key) {
  if (typeof key === "number") return `[${key}]`;
  return /^[A-Za-z_]\w*$/.test(key) ? `.${key}` : `[${JSON.stringify(key)}]`;
}
