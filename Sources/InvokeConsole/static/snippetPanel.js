import { announce, h, replace } from "./dom.js";
import { dialects, languages, snippet } from "./snippets.js";

/** The panel beside the form: the call that it describes, in the language and the dialect of the reader's choice. */
export class SnippetPanel {
  constructor(root, { modes, isScript }) {
    this.language = remembered("language", languages, "curl");
    this.dialect = "seed";
    this.mode = modes.includes("sync") ? "sync" : "async";
    this.code = h("pre", { class: "code", tabindex: "0", "aria-label": "The call" }, h("code", {}));
    this.tabs = h("div", { class: "tabs", role: "group", "aria-label": "Language" }, ...Object.entries(languages).map(
      ([key, name]) => h("button", { type: "button", "data-language": key, on: { click: () => this.speak(key) } }, name)));
    const known = Object.fromEntries(Object.entries(dialects).filter(([key]) => key !== "oscar" || isScript));
    this.dialectField = choice("Dialect", "snippet-dialect", known, this.dialect, (key) => this.set({ dialect: key }));
    this.modeField = modes.length < 2 ? null : choice("Answer", "snippet-mode",
      { sync: "wait for the result", async: "start a job, then ask" }, this.mode, (key) => this.set({ mode: key }));
    replace(
      root,
      this.tabs,
      this.options = h("div", { class: "toolbar" }, this.dialectField, this.modeField),
      this.code,
      h("p", { class: "actions" }, h("button", { type: "button", on: { click: () => this.copy() } }, "Copy")),
      h("p", { class: "hint" }, "It reads your token from the variable ", h("code", {}, "INVOKE_TOKEN"), ": make one under ",
        h("a", { href: "/ui/account" }, "your account"), "."),
    );
    this.speak(this.language);
  }

  /** Shows a call as it is now. */
  show(call) {
    this.call = call;
    this.render();
  }

  speak(language) {
    this.language = language;
    try {
      localStorage.setItem("language", language);
    } catch {
      // A browser that keeps nothing begins with curl again.
    }
    for (const tab of this.tabs.children) tab.setAttribute("aria-pressed", String(tab.dataset.language === language));
    this.options.hidden = language === "command";
    this.render();
  }

  set(change) {
    Object.assign(this, change);
    this.render();
  }

  render() {
    if (!this.call) return;
    this.code.firstChild.textContent = snippet({ ...this.call, mode: this.mode }, this.dialect, this.language);
  }

  async copy() {
    try {
      await navigator.clipboard.writeText(this.code.textContent);
      announce("Copied");
    } catch {
      getSelection().selectAllChildren(this.code);
      announce("Selected: press Ctrl+C to copy", "warn");
    }
  }
}

function choice(label, id, options, chosen, change) {
  const select = h("select", { id, on: { change: () => change(select.value) } }, ...Object.entries(options).map(
    ([key, name]) => h("option", { value: key, selected: key === chosen }, name)));
  return h("p", { class: "field" }, h("label", { for: id }, label), select);
}

function remembered(name, known, otherwise) {
  try {
    return localStorage.getItem(name) in known ? localStorage.getItem(name) : otherwise;
  } catch {
    return otherwise;
  }
}
