import { h } from "../dom.js";

let isPressed = false;
const waiting = [];

document.addEventListener("pointerdown", () => (isPressed = true), true);
for (const end of ["pointerup", "pointercancel"]) {
  document.addEventListener(end, () => {
    isPressed = false;
    setTimeout(() => waiting.splice(0).forEach((f) => f()));
  }, true);
}

/**
 * Runs f now, or after the click that is under way and what waits for it already: what moves the page would take the
 * button from under it.
 */
export function afterPress(f) {
  if (isPressed || waiting.length > 0) waiting.push(f);
  else f();
}

/**
 * One input of an operation in its form: label, hint, control, and a place for what is wrong.
 *
 * A kind of field gives `control`, `text` (the value as JSON text, undefined when it is left out), `fill(value)` and,
 * where it has rules, `problem()`. It dispatches `input` events, which bubble, whenever its value has changed.
 */
export class Field {
  constructor(input, { isGroup = false } = {}) {
    this.input = input;
    this.id = `input-${input.name}`;
    this.faultLine = h("p", { class: "fault", id: `${this.id}-fault` });
    const hints = [input.description, ...this.rules()].filter(Boolean);
    this.hint = h("p", { class: "hint", id: `${this.id}-hint` }, hints.join(" · "));
    const mark = input.required ? null : h("span", { class: "muted" }, " (may be left out)");
    const label = isGroup
      ? h("legend", {}, input.name, mark)
      : h("label", { for: this.id }, input.name, mark);
    this.element = h(isGroup ? "fieldset" : "div", { class: "field", "data-input": input.name }, label);
    if (hints.length > 0) this.element.append(this.hint);
    if (isGroup) this.element.setAttribute("aria-describedby", this.described);
  }

  /** What the hint says beside the description. */
  rules() {
    return [];
  }

  get described() {
    return `${this.hint.textContent ? this.hint.id + " " : ""}${this.faultLine.id}`;
  }

  /** Puts the control into its place. */
  place(...elements) {
    this.element.append(...elements, this.faultLine);
    this.element.addEventListener("input", () => {
      if (this.faultLine.textContent) this.check();
    });
  }

  get text() {
    return undefined;
  }

  /** What is wrong with the value, or null. */
  problem() {
    return this.input.required && this.text === undefined ? "This is needed." : null;
  }

  /** Shows what is wrong with the value; true when nothing is. */
  check() {
    const problem = this.problem();
    this.show(problem);
    return problem === null;
  }

  /** Shows a fault; null takes it away. `pointer` leads to a part of the value. */
  show(detail, pointer = "") {
    this.faultLine.textContent = detail === null ? "" : pointer ? `${pointer}: ${detail}` : detail;
    for (const control of this.controls()) {
      if (detail === null) control.removeAttribute("aria-invalid");
      else control.setAttribute("aria-invalid", "true");
    }
  }

  /** What the fault belongs to. */
  controls() {
    return [this.control];
  }

  focus() {
    this.controls()[0]?.focus();
  }

  changed() {
    this.element.dispatchEvent(new Event("input", { bubbles: true }));
  }
}
