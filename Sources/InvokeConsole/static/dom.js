/** Builds an element; what is given as text stays text. */
export function h(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "path", "rect", "circle", "line", "text", "polyline", "title", "defs", "marker"].includes(tag) && attributes?.svg;
  const element = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (name === "svg" || value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export function replace(element, ...children) {
  element.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

/** Says something for a few seconds, to screen readers too. kind: "ok", "warn" or "bad". */
export function announce(text, kind = "ok") {
  const note = h("p", { class: "note", "data-kind": kind }, text);
  document.getElementById("announcements").append(note);
  setTimeout(() => note.remove(), kind === "bad" ? 12_000 : 5_000);
}

/** Asks a question in a dialog. */
export function ask(question, { confirm = "Yes", danger = false } = {}) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { "aria-label": question },
      h("p", {}, question),
      h("form", { method: "dialog", class: "actions" },
        h("button", { value: "" }, "Cancel"),
        h("button", { value: "yes", class: danger ? "primary danger-fill" : "primary" }, confirm)));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve(dialog.returnValue === "yes");
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

/** Shows what is told only once, to be copied. facts: { name: text } */
export function showOnce(facts) {
  return new Promise((resolve) => {
    const copy = (text) => navigator.clipboard?.writeText(text).then(() => announce("Copied"));
    const dialog = h("dialog", { "aria-label": "Keep this now" },
      h("h2", {}, "Keep this now"),
      h("p", { class: "hint" }, "It is shown only this once."),
      ...Object.entries(facts).map(([name, text]) => h("div", { class: "field" },
        h("span", { class: "label" }, name),
        h("code", { class: "mono", "data-shown": name }, text),
        h("button", { type: "button", on: { click: () => copy(text) } }, "Copy"))),
      h("form", { method: "dialog", class: "actions" }, h("button", { class: "primary" }, "I have kept it")));
    dialog.addEventListener("close", () => {
      dialog.remove();
      resolve();
    });
    document.body.append(dialog);
    dialog.showModal();
  });
}

const mounts = [];

/** Runs f for each element that matches: those there are, and those that mounted() is told of later. */
export function mount(selector, f) {
  mounts.push([selector, f]);
  document.querySelectorAll(selector).forEach(f);
}

/** To be called after elements have been put into the page. */
export function mounted(root) {
  for (const [selector, f] of mounts) {
    if (root.matches?.(selector)) f(root);
    root.querySelectorAll(selector).forEach(f);
  }
}
