import { h } from "../dom.js";
import { afterPress, Field } from "./field.js";
import { compiled, numbers } from "./patterns.js";

/** A text: a line, a number where the pattern admits nothing else, or an area where it may be long. */
export class TextField extends Field {
  constructor(input) {
    super(input);
    this.regex = input.pattern === undefined ? null : compiled(input.pattern);
    this.number = input.pattern === undefined ? null : numbers(input.pattern);
    this.control = h(this.isLong ? "textarea" : "input", {
      id: this.id,
      "aria-describedby": this.described,
      "aria-required": String(input.required),
      autocomplete: "off",
      spellcheck: this.isLong ? null : "false",
      ...(this.isLong ? { rows: "5" } : this.kind),
    });
    if (input.default !== undefined) this.fill(input.default);
    this.place(this.control);
    this.control.addEventListener("change", () => afterPress(() => this.check()));
  }

  get isLong() {
    const { pattern, content_type: type, max_length: most } = this.input;
    if (type?.startsWith("text/")) return true;
    return pattern === undefined && (most === undefined || most > 200);
  }

  get kind() {
    if (!this.number) return { type: "text" };
    return {
      type: "number",
      step: this.number.hasFractions ? "any" : "1",
      min: this.number.hasSigns ? null : "0",
      inputmode: this.number.hasFractions ? "decimal" : "numeric",
    };
  }

  rules() {
    const { pattern, min_length: least, max_length: most } = this.input;
    const rules = [];
    if (pattern !== undefined && !numbers(pattern)) rules.push(`has to match ${pattern}`);
    if (pattern !== undefined && numbers(pattern)) rules.push("a number");
    if (least) rules.push(`at least ${least} characters`);
    if (most !== undefined && most < 100_000) rules.push(`at most ${most} characters`);
    return rules;
  }

  get text() {
    const value = this.control.value;
    if (value === "" && !(this.input.required && this.input.min_length === 0)) return undefined;
    return JSON.stringify(value);
  }

  fill(value) {
    this.control.value = value ?? "";
  }

  problem() {
    const value = this.control.value;
    if (this.control.validity.badInput) return "This has to be a number.";
    if (value === "") return super.problem();
    const { min_length: least, max_length: most, pattern } = this.input;
    const length = [...value].length;
    if (least !== undefined && length < least) return `This has ${length} characters; ${least} are needed.`;
    if (most !== undefined && length > most) return `This has ${length} characters; ${most} are allowed.`;
    if (this.regex && !this.regex.test(value)) {
      return this.number ? "This number is not of the kind that is asked for." : `This does not match ${pattern}`;
    }
    return null;
  }
}
