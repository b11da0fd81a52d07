import { h } from "../dom.js";
import { Field } from "./field.js";

const most = 4;

/** One of several texts: radio buttons for a few, a list for more. */
export class ChoiceField extends Field {
  constructor(input) {
    const isShort = input.enum.length <= most;
    super(input, { isGroup: isShort });
    this.options = input.required || input.default !== undefined ? input.enum : [undefined, ...input.enum];
    if (isShort) this.makeRadios();
    else this.makeList();
    this.fill(input.default);
  }

  makeRadios() {
    this.radios = this.options.map((option, index) =>
      h("input", { type: "radio", name: this.id, id: `${this.id}-${index}`, value: String(index) }));
    const labels = this.radios.map((radio, index) =>
      h("label", { class: "option", for: radio.id }, radio, " ", this.options[index] ?? "leave out"));
    this.place(h("div", { class: "options" }, ...labels));
  }

  makeList() {
    const blank = this.options[0] === undefined ? [] : [h("option", { value: "" }, "Choose…")];
    const options = this.options.map((option, index) =>
      h("option", { value: String(index) }, option ?? "leave out"));
    this.list = h("select", { id: this.id, "aria-describedby": this.described }, ...blank, ...options);
    this.place(this.list);
  }

  controls() {
    return this.list ? [this.list] : this.radios;
  }

  get text() {
    const index = this.list ? this.list.value : this.radios.find((radio) => radio.checked)?.value ?? "";
    const option = index === "" ? undefined : this.options[Number(index)];
    return option === undefined ? undefined : JSON.stringify(option);
  }

  fill(value) {
    const index = this.options.indexOf(value);
    if (this.list) this.list.value = index < 0 ? "" : String(index);
    else this.radios.forEach((radio, at) => (radio.checked = at === index));
  }

  focus() {
    (this.list ?? this.radios.find((radio) => radio.checked) ?? this.radios[0]).focus();
  }
}
