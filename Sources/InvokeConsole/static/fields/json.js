import { h } from "../dom.js";
import { afterPress, Field } from "./field.js";
import { makeNode } from "./nodes.js";
import { violations } from "./schema.js";

/** A JSON value: widgets as its schema says, or the text itself. */
export class JSONField extends Field {
  constructor(input) {
    super(input, { isGroup: true });
    this.raw = h("textarea", {
      id: `${this.id}-raw`, rows: "6", class: "mono", spellcheck: "false", "aria-label": `${input.name} as JSON`,
      placeholder: '{"name": "value"}', "aria-describedby": this.described,
    });
    this.raw.addEventListener("change", () => afterPress(() => this.check()));
    this.node = makeNode(input.schema, this.id, "", input.required);
    if (!this.node) {
      this.isRaw = true;
      this.place(this.raw);
    } else {
      this.isRaw = false;
      this.pane = h("div", {}, this.node.element);
      this.touched = new Set();
      this.pane.addEventListener("change", (event) => {
        this.touched.add(event.target);
        afterPress(() => this.check(this.touched));
      });
      this.tabs = h("div", { class: "tabs", role: "group", "aria-label": `How to give ${input.name}` },
        h("button", { type: "button", on: { click: () => this.turn(false) } }, "Fields"),
        h("button", { type: "button", on: { click: () => this.turn(true) } }, "JSON text"));
      this.place(this.tabs, this.pane, this.raw);
    }
    if (input.default !== undefined) this.fill(input.default);
    this.arrange();
  }

  /** Changes between the widgets and the text, taking the value along. */
  turn(isRaw) {
    if (isRaw === this.isRaw) return;
    if (isRaw) {
      this.raw.value = this.node.text === undefined ? "" : pretty(this.node.text);
    } else {
      const text = this.raw.value.trim();
      let fits;
      try {
        fits = this.node.fill(text === "" ? undefined : JSON.parse(text));
      } catch {
        fits = false;
      }
      if (!fits) return afterPress(() => this.show("The fields can't show this text; it stays as it is."));
    }
    this.isRaw = isRaw;
    this.show(null);
    this.arrange();
    this.changed();
  }

  arrange() {
    this.raw.hidden = !this.isRaw;
    if (!this.node) return;
    this.pane.hidden = this.isRaw;
    [...this.tabs.children].forEach((tab, index) => tab.setAttribute("aria-pressed", String(this.isRaw === (index === 1))));
  }

  controls() {
    return [this.isRaw ? this.raw : this.node.control];
  }

  get text() {
    if (!this.isRaw) return this.node.text;
    const text = this.raw.value.trim();
    return text === "" ? undefined : text;
  }

  fill(value) {
    this.raw.value = value === undefined ? "" : JSON.stringify(value, null, 2);
    this.isRaw = !this.node?.fill(value);
    this.arrange();
  }

  /** False when a violation was found. With `touched`, only those at these controls are shown. */
  check(touched = null) {
    this.show(null);
    const { text } = this;
    if (text === undefined) {
      if (this.input.required && !touched) this.show("This is needed.");
      return !this.input.required;
    }
    let value;
    try {
      value = JSON.parse(text);
    } catch (error) {
      this.show(`This is not JSON: ${error.message}`);
      return false;
    }
    const found = violations(this.input.schema ?? true, value);
    for (const { pointer, detail } of found) {
      if (!touched || touched.has(this.nodeAt(pointer)?.control)) this.show(detail, pointer);
    }
    return found.length === 0;
  }

  show(detail, pointer = "") {
    if (detail === null) {
      for (const fault of this.element.querySelectorAll(".fault")) fault.textContent = "";
      for (const control of this.element.querySelectorAll("[aria-invalid]")) control.removeAttribute("aria-invalid");
      return;
    }
    const node = this.nodeAt(pointer);
    if (!node) return super.show(detail, pointer);
    node.fault.textContent = detail;
    node.control.setAttribute("aria-invalid", "true");
  }

  /** The widget of a part of the value; null for the whole of it, and for text. */
  nodeAt(pointer) {
    const path = pointer.split("/").slice(1).map((name) => name.replaceAll("~1", "/").replaceAll("~0", "~"));
    return this.isRaw || path.length === 0 ? null : this.node.locate(path);
  }
}

/** JSON text with its lines and indents; as it is, where a number would lose digits. */
function pretty(text) {
  const value = JSON.parse(text);
  return JSON.stringify(value) === text ? JSON.stringify(value, null, 2) : text;
}
