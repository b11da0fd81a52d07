/** The frame around a content: tabs for the viewers that fit, its size, a download link, and what went wrong. */
import { h, replace } from "../dom.js";
import { bytes } from "../format.js";
import { told } from "./kind.js";

const mebibyte = 1024 * 1024;
const limits = { csv: 64 * mebibyte, lines: 64 * mebibyte, audio: Infinity, video: Infinity, zip: Infinity, bytes: Infinity };

const views = {
  image: ["image"], audio: ["media"], video: ["media"], pdf: ["pdf"], zip: ["zip"], csv: ["table", "plot", "text"],
  lines: ["table", "plot", "text"], json: ["json", "text"], markdown: ["markdown", "text"], text: ["text"], bytes: [],
};
const titles = {
  image: "Image", media: "Player", pdf: "Document", table: "Table", plot: "Plot", json: "JSON", labels: "Labels",
  text: "Text", markdown: "Formatted", zip: "Files", hex: "Bytes",
};

let frames = 0;

/** Shows a source inside an element, whose content it replaces; resolves when the first viewer is there. */
export async function frame(element, source) {
  const id = `view-${++frames}`;
  const panel = h("div", { class: "view-panel", id });
  const tabs = h("div", { class: "tabs" });
  const facts = h("span", { class: "muted" });
  element.classList.add("view");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", source.name);
  const wait = () => replace(panel, h("p", { class: "muted", role: "status" }, "Loading…"));
  const failed = (error) => replace(panel, h("p", { class: "note", "data-kind": "bad", role: "alert" }, error.message));
  const open = async (view) => {
    for (const tab of tabs.children) {
      tab.setAttribute("aria-selected", String(tab.dataset.of === view));
      tab.tabIndex = tab.dataset.of === view ? 0 : -1;
    }
    if (tabs.children.length) panel.setAttribute("aria-labelledby", `${id}-${view}`);
    element.setAttribute("aria-busy", "true");
    if (!source.shown.has(view)) {
      source.shown.set(view, import(`./${view}.js`).then((module) => module.show(source)));
    }
    try {
      const shown = await source.shown.get(view);
      if (!selected(view)) return;
      replace(panel, shown);
      shown.dispatchEvent(new Event("shown"));
    } catch (error) {
      source.shown.delete(view);
      if (selected(view)) failed(error);
    } finally {
      if (selected(view)) element.removeAttribute("aria-busy");
    }
  };
  const selected = (view) => !tabs.children.length || tabs.querySelector("[aria-selected=true]").dataset.of === view;
  const offer = (names) => {
    if (names.length === 1) return open(names[0]);
    replace(tabs, ...names.map((view) => h("button", {
      type: "button", role: "tab", id: `${id}-${view}`, "data-of": view, "aria-controls": id, class: "quiet",
      on: { click: () => open(view) },
    }, titles[view])));
    tabs.setAttribute("role", "tablist");
    tabs.setAttribute("aria-label", `Ways to see ${source.name}`);
    panel.setAttribute("role", "tabpanel");
    return open(names[0]);
  };
  tabs.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = [...tabs.children];
    const next = all[(all.indexOf(document.activeElement) + step + all.length) % all.length];
    next.focus();
    next.click();
  });

  source.shown = new Map();
  element.setAttribute("aria-busy", "true");
  wait();
  replace(element, h("div", { class: "view-bar" }, tabs, h("div", { class: "view-facts" }, facts, await download(source))), panel);
  try {
    source.is = told(source);
    if (!source.is) {
      const head = await source.head();
      source.is = told(source) ?? (await import("./sniff.js")).sniffed(head);
    }
    if (source.url && source.size === undefined) await source.head();
    facts.textContent = [source.is.type, source.size === undefined ? "" : bytes(source.size)].filter(Boolean).join(", ");
    const limit = limits[source.is.kind] ?? 32 * mebibyte;
    const load = async (names) => {
      wait();
      await offer(names ?? await fitting(source));
    };
    if (source.size > limit) return replace(panel, held(source, limit, () => load().catch(failed), () => load(["hex"])));
    await load();
  } catch (error) {
    failed(error);
  } finally {
    element.removeAttribute("aria-busy");
  }
}

/** The viewers that fit, the best one first. What a JSON document holds decides on its tables, plots and labels. */
async function fitting(source) {
  const { kind } = source.is;
  const fit = source.inline ? views[kind] : [...views[kind], "hex"];
  if (kind === "bytes" && source.size <= 32 * mebibyte) return ["hex", "text"];
  if (kind !== "json") return fit;
  const { document } = await import("./json.js");
  const shape = await document(source).then((data) => data.shape()).catch(() => undefined);
  if (!shape) return ["text", ...fit.filter((view) => view !== "text")];
  if (shape === "labels") return ["labels", ...fit];
  if (shape === "value") return ["json"];
  if (shape === "scores") return [...fit, "labels"];
  return shape === "rows" ? ["table", "plot", ...fit] : fit;
}

function held(source, limit, load, peek) {
  return h("div", { class: "note" },
    h("p", {}, `${source.name} has ${bytes(source.size)}: above ${bytes(limit)} nothing is loaded by itself.`),
    h("p", { class: "view-choices" },
      h("button", { type: "button", on: { click: load } }, "Load anyway"),
      h("button", { type: "button", on: { click: peek } }, "Look at its bytes")));
}

async function download(source) {
  const href = source.url ?? await source.objectURL("application/octet-stream");
  return h("a", { class: "view-download", href, download: source.name }, "Download",
    h("span", { class: "visually-hidden" }, ` ${source.name}`));
}
