/* Registering and replacing a service: its definition is checked as it is typed, and faults stand at their lines. */

import { call } from "./api.js";
import { h, replace } from "./dom.js";

const patience = 350;

class DefinitionPage {
  constructor(form) {
    this.form = form;
    this.path = form.dataset.path ?? "/services";
    this.method = form.dataset.path ? "PUT" : "POST";
    this.area = form.querySelector("#text");
    this.gutter = form.querySelector(".gutter");
    this.verdict = form.querySelector("#verdict");
    this.list = form.querySelector("#violations");
    this.send = form.querySelector("#send");
    this.area.addEventListener("input", () => this.typed());
    this.area.addEventListener("scroll", () => (this.gutter.scrollTop = this.area.scrollTop));
    const file = form.querySelector("#file");
    file.addEventListener("change", () => file.files[0] && this.read(file.files[0]));
    this.area.addEventListener("dragover", (event) => event.preventDefault());
    this.area.addEventListener("drop", (event) => {
      if (!event.dataTransfer.files[0]) return;
      event.preventDefault();
      this.read(event.dataTransfer.files[0]);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.register();
    });
  }

  async start() {
    const { definition, example } = this.form.dataset;
    this.area.value = definition === undefined
      ? await (await fetch(example)).text()
      : JSON.stringify(JSON.parse(definition), null, 2);
    this.form.hidden = false;
    this.number();
    await this.check();
  }

  async read(file) {
    if (file.size > 256 * 1024) return this.tell(`${file.name} is larger than 256 KiB: it is no definition.`, "bad");
    this.area.value = await file.text();
    this.number();
    await this.check();
  }

  typed() {
    this.number();
    this.send.disabled = true;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), patience);
  }

  /** As many numbers as there are lines; the marks of the last check stay until the next. */
  number() {
    const lines = this.area.value.split("\n").length;
    while (this.gutter.children.length > lines) this.gutter.lastChild.remove();
    while (this.gutter.children.length < lines) this.gutter.append(h("li"));
    this.gutter.scrollTop = this.area.scrollTop;
  }

  ask(query) {
    const isJSON = this.area.value.trimStart().startsWith("{");
    const type = isJSON ? "application/json" : "application/yaml";
    return call(this.method, this.path + query, { body: this.area.value, headers: { "Content-Type": type } });
  }

  async check() {
    const turn = (this.turn = (this.turn ?? 0) + 1);
    try {
      await this.ask("?dryrun=1");
      if (turn !== this.turn) return;
      this.mark([]);
      this.tell(this.method === "PUT" ? "Nothing is wrong: it can take the place of the present one." : "Nothing is wrong: it can be registered.", "ok");
      this.send.disabled = false;
    } catch (error) {
      if (turn === this.turn) this.refused(error);
    }
  }

  async register() {
    this.send.disabled = true;
    try {
      const { service } = await this.ask("");
      location.assign(`/ui/services/${encodeURIComponent(service.name)}#registered`);
    } catch (error) {
      this.refused(error);
    }
  }

  refused(error) {
    this.mark(error.errors);
    const count = error.errors.length;
    this.tell(count === 0 ? error.message : count === 1 ? "There is 1 fault:" : `There are ${count} faults:`, "bad");
    this.send.disabled = error.errors.length > 0;
  }

  tell(text, kind) {
    this.verdict.textContent = text;
    this.verdict.dataset.kind = kind;
  }

  /** Marks lines in the gutter, and lists what is wrong with them. */
  mark(errors) {
    const lines = new Set(errors.map(({ line }) => line));
    [...this.gutter.children].forEach((item, index) => item.classList.toggle("wrong", lines.has(index + 1)));
    this.area.toggleAttribute("aria-invalid", errors.length > 0);
    if (errors.length > 0) this.area.setAttribute("aria-invalid", "true");
    replace(this.list, ...errors.map(({ pointer, detail, line }) => h("li", {},
      line ? h("button", { type: "button", class: "quiet", on: { click: () => this.go(line) } }, `Line ${line}`) : null,
      h("code", {}, pointer), " ", detail)));
  }

  /** Selects a line. */
  go(line) {
    const lines = this.area.value.split("\n");
    const start = lines.slice(0, line - 1).reduce((length, text) => length + text.length + 1, 0);
    this.area.focus();
    this.area.setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    const height = this.area.scrollHeight / lines.length;
    this.area.scrollTop = Math.max(0, (line - 4) * height);
  }
}

const form = document.querySelector("#definition");
if (form) new DefinitionPage(form).start();
