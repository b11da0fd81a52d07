import { h } from "../dom.js";
import { object } from "../quoting.js";

/**
 * The widgets of a JSON editor. Each shows the values of one schema and has `element`, `text` (JSON text, undefined for
 * nothing), `fill(value)`, which tells whether it can show the value, and `locate(pointer)`, the control at that place.
 */

const deepest = 6;

/** A widget for a schema; null when only raw JSON can show it. */
export function makeNode(schema, id, label, isRequired, depth = 0) {
  if (typeof schema !== "object" || schema === null || depth > deepest) return null;
  const combined = ["$ref", "oneOf", "anyOf", "allOf", "if", "not", "patternProperties", "prefixItems"];
  if (combined.some((keyword) => keyword in schema)) return null;
  if (schema.enum) return new EnumNode(schema, id, label, isRequired);
  switch (schema.type) {
    case "boolean": return new EnumNode({ ...schema, enum: [true, false] }, id, label, isRequired);
    case "number":
    case "integer": return new NumberNode(schema, id, label, isRequired);
    case "string": return new TextNode(schema, id, label, isRequired);
    case "array": return ArrayNode.make(schema, id, label, isRequired, depth);
    case "object": return ObjectNode.make(schema, id, label, isRequired, depth);
    default: return null;
  }
}

class ControlNode {
  constructor(schema, id, label, isRequired, control) {
    this.control = control;
    this.fault = h("p", { class: "fault", id: `${id}-fault` });
    control.id = id;
    control.setAttribute("aria-describedby", this.fault.id);
    const mark = isRequired ? null : h("span", { class: "muted" }, " (may be left out)");
    this.element = h("div", { class: "field" },
      h("label", { for: id }, schema.title ?? label, mark),
      schema.description ? h("p", { class: "hint" }, schema.description) : null,
      control, this.fault);
  }

  locate() {
    return this;
  }
}

class EnumNode extends ControlNode {
  constructor(schema, id, label, isRequired) {
    const options = schema.enum.map((choice, index) =>
      h("option", { value: String(index) }, typeof choice === "string" ? choice : JSON.stringify(choice)));
    super(schema, id, label, isRequired,
      h("select", {}, h("option", { value: "" }, isRequired ? "Choose…" : "leave out"), ...options));
    this.choices = schema.enum;
    this.fill(schema.default);
  }

  get text() {
    return this.control.value === "" ? undefined : JSON.stringify(this.choices[Number(this.control.value)]);
  }

  fill(value) {
    const index = this.choices.findIndex((choice) => JSON.stringify(choice) === JSON.stringify(value));
    this.control.value = index < 0 ? "" : String(index);
    return index >= 0 || value === undefined;
  }
}

class NumberNode extends ControlNode {
  constructor(schema, id, label, isRequired) {
    super(schema, id, label, isRequired, h("input", {
      type: "number",
      step: schema.type === "integer" ? "1" : "any",
      min: schema.minimum ?? null,
      max: schema.maximum ?? null,
    }));
    this.fill(schema.default);
  }

  get text() {
    const { value } = this.control;
    if (value === "") return undefined;
    // The text is kept where it is JSON, so that no digit is lost.
    return /^-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?$/.test(value) ? value : String(Number(value));
  }

  fill(value) {
    this.control.value = typeof value === "number" ? String(value) : "";
    return typeof value === "number" || value === undefined;
  }
}

class TextNode extends ControlNode {
  constructor(schema, id, label, isRequired) {
    const isLong = schema.maxLength > 200 || schema.contentMediaType?.startsWith("text/");
    super(schema, id, label, isRequired, isLong ? h("textarea", { rows: "4" }) : h("input", { type: "text", autocomplete: "off" }));
    this.isRequired = isRequired;
    this.fill(schema.default);
  }

  get text() {
    return this.control.value === "" && !this.isRequired ? undefined : JSON.stringify(this.control.value);
  }

  fill(value) {
    this.control.value = typeof value === "string" ? value : "";
    return typeof value === "string" || value === undefined;
  }
}

/** Rows of widgets of one kind, to add to and to take from. */
class Rows {
  constructor(label, schema, description) {
    this.fault = h("p", { class: "fault" });
    this.list = h("ol", { class: "rows" });
    this.rows = [];
    this.element = h("fieldset", { class: "field" }, h("legend", {}, label),
      description ? h("p", { class: "hint" }, description) : null,
      this.list,
      h("p", {}, this.adder = h("button", { type: "button", on: { click: () => this.add(true) } }, "Add")),
      this.fault);
    this.control = this.adder;
  }

  append(row, name, ...elements) {
    const remove = h("button", { type: "button", class: "quiet", "aria-label": `Remove ${name}`, on: { click: () => {
      this.rows.splice(this.rows.indexOf(row), 1);
      row.line.remove();
      this.number?.();
      this.adder.focus();
      this.adder.dispatchEvent(new Event("input", { bubbles: true }));
    } } }, "Remove");
    row.line = h("li", {}, ...elements, remove);
    this.rows.push(row);
    this.list.append(row.line);
    this.adder.dispatchEvent(new Event("input", { bubbles: true }));
  }

  clear() {
    this.rows = [];
    this.list.replaceChildren();
  }
}

class ArrayNode extends Rows {
  static make(schema, id, label, isRequired, depth) {
    if (!makeNode(schema.items, id, "", true, depth + 1)) return null;
    return new ArrayNode(schema, id, label, isRequired, depth);
  }

  constructor(schema, id, label, isRequired, depth) {
    super(schema.title ?? label, schema, schema.description);
    Object.assign(this, { schema, id, isRequired, depth, made: 0 });
    if (Array.isArray(schema.default)) this.fill(schema.default);
    else for (let count = 0; isRequired && count < Math.min(schema.minItems ?? 0, 20); count++) this.add();
  }

  add(hasFocus = false) {
    const number = ++this.made;
    const node = makeNode(this.schema.items, `${this.id}-${number}`, `Item ${this.rows.length + 1}`, true, this.depth + 1);
    this.append({ node }, `item ${this.rows.length + 1}`, node.element);
    if (hasFocus) node.control.focus();
    return node;
  }

  /** Counts the items anew. */
  number() {
    this.rows.forEach(({ node }, index) => {
      node.element.querySelector("label, legend").firstChild.textContent = `Item ${index + 1}`;
    });
  }

  get text() {
    if (this.rows.length === 0 && !this.isRequired) return undefined;
    return `[${this.rows.map(({ node }) => node.text ?? "null").join(",")}]`;
  }

  fill(value) {
    this.clear();
    if (value === undefined) return true;
    return Array.isArray(value) && value.every((item) => this.add().fill(item));
  }

  locate([index, ...rest]) {
    return this.rows[Number(index)]?.node.locate(rest) ?? this;
  }
}

/** Members that the schema does not name, where it says of what kind they are. */
class MemberRows extends Rows {
  constructor(schema, id, depth) {
    super("Members", schema, "Each has a name of your choice.");
    Object.assign(this, { schema, id, depth, made: 0 });
  }

  add(hasFocus = false) {
    const id = `${this.id}-${++this.made}`;
    const name = h("input", { id: `${id}-name`, type: "text", autocomplete: "off" });
    const node = makeNode(this.schema, id, "Value", true, this.depth + 1);
    const row = { name, node };
    this.append(row, "member", h("div", { class: "field" }, h("label", { for: name.id }, "Name"), name), node.element);
    if (hasFocus) name.focus();
    return row;
  }
}

class ObjectNode {
  static make(schema, id, label, isRequired, depth) {
    const nodes = {};
    for (const [name, member] of Object.entries(schema.properties ?? {})) {
      nodes[name] = makeNode(member, `${id}.${name}`, name, schema.required?.includes(name) ?? false, depth + 1);
      if (!nodes[name]) return null;
    }
    const others = schema.additionalProperties;
    const hasOthers = typeof others === "object" && makeNode(others, id, "", true, depth + 1) !== null;
    if (Object.keys(nodes).length === 0 && !hasOthers) return null;
    return new ObjectNode(schema, label, isRequired, nodes, hasOthers ? new MemberRows(others, `${id}-more`, depth) : null);
  }

  constructor(schema, label, isRequired, nodes, more) {
    Object.assign(this, { nodes, more, isRequired });
    this.fault = h("p", { class: "fault" });
    this.element = h("fieldset", { class: "field members" }, label ? h("legend", {}, schema.title ?? label) : null,
      schema.description && label ? h("p", { class: "hint" }, schema.description) : null,
      ...Object.values(nodes).map((node) => node.element), more?.element, this.fault);
    this.control = Object.values(nodes)[0]?.control ?? more.control;
    if (schema.default !== undefined) this.fill(schema.default);
  }

  get text() {
    const texts = {};
    for (const [name, node] of Object.entries(this.nodes)) if (node.text !== undefined) texts[name] = node.text;
    for (const { name, node } of this.more?.rows ?? []) if (node.text !== undefined) texts[name.value] = node.text;
    return Object.keys(texts).length === 0 && !this.isRequired ? undefined : object(texts);
  }

  fill(value) {
    for (const node of Object.values(this.nodes)) node.fill(undefined);
    this.more?.clear();
    if (value === undefined) return true;
    if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
    return Object.entries(value).every(([name, member]) => {
      if (Object.hasOwn(this.nodes, name)) return this.nodes[name].fill(member);
      if (!this.more) return false;
      const row = this.more.add();
      row.name.value = name;
      return row.node.fill(member);
    });
  }

  locate([name, ...rest]) {
    if (name === undefined) return this;
    const node = this.nodes[name] ?? this.more?.rows.find((row) => row.name.value === name)?.node;
    return node?.locate(rest) ?? this;
  }
}
