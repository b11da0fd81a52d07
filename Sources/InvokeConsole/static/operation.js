/* The page of an operation: its form, what a call would do, the call itself, and the same call for programs. */

import { call, get } from "./api.js";
import { announce, h, replace } from "./dom.js";
import { makeField } from "./fields/make.js";
import { Payment } from "./payment.js";
import { object } from "./quoting.js";
import { SnippetPanel } from "./snippetPanel.js";

class OperationPage {
  constructor(root) {
    this.operation = JSON.parse(root.dataset.operation);
    this.viewer = root.dataset.viewer;
    this.login = root.dataset.login;
    this.isScript = root.dataset.script !== undefined;
    this.form = root.querySelector("form");
    this.fault = root.querySelector("#call-fault");
    this.plan = root.querySelector("#call-plan");
    const asked = new URLSearchParams(location.search).get("mode");
    this.mode = this.operation.modes.includes("async") && asked !== "sync" ? "async" : "sync";
  }

  get inputs() {
    return Object.entries(this.operation.inputs)
      .map(([name, input]) => ({ name, ...input }))
      .sort((one, other) => one.position - other.position);
  }

  async start() {
    this.fields = await Promise.all(this.inputs.map(makeField));
    replace(this.form.querySelector("#call-fields"), ...this.fields.map((field) => field.element));
    this.payment = new Payment(this.form.querySelector("#call-price"), this);
    replace(this.form.querySelector("#call-actions"), ...this.buttons());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.press(event.submitter, () => this.run());
    });
    this.form.addEventListener("input", () => this.changed());
    this.form.addEventListener("change", () => this.changed());
    const snippets = document.querySelector("#snippets");
    this.panel = new SnippetPanel(snippets.querySelector("#snippet"), { modes: this.operation.modes, isScript: this.isScript });
    await this.fillFrom(new URLSearchParams(location.search).get("job"));
    this.changed();
    snippets.hidden = false;
    this.form.hidden = false;
    await this.payment.ask();
  }

  buttons() {
    if (!this.viewer) return [h("a", { class: "button primary", href: this.login }, "Log in to run it")];
    const dry = h("button", { type: "button", id: "dry-run" }, "Dry run");
    dry.addEventListener("click", () => this.press(dry, () => this.dryRun()));
    const hint = this.mode === "async" ? "A run is a job: you can watch it, and come back to it." : "The answer comes here.";
    return [h("button", { class: "primary", id: "run" }, "Run"), dry, h("span", { class: "hint" }, hint)];
  }

  /** The inputs of an earlier job, to be changed and run again. */
  async fillFrom(job) {
    if (!job) return;
    try {
      const activities = (await get(`/jobs/${encodeURIComponent(job)}/provenance`)).activity ?? {};
      const inputs = JSON.parse(activities[job]?.["dep:inputs"]?.$ ?? "{}");
      for (const field of this.fields) {
        if (Object.hasOwn(inputs, field.input.name)) field.fill(inputs[field.input.name]);
      }
      announce(`Filled in as job ${job} was`);
    } catch (error) {
      announce(`The inputs of job ${job} can't be read: ${error.message}`, "bad");
    }
  }

  /** The given inputs, as JSON texts by name. */
  get texts() {
    const given = this.fields.map((field) => [field.input.name, field.text]);
    return Object.fromEntries(given.filter(([, text]) => text !== undefined));
  }

  changed() {
    this.panel.show({
      origin: location.origin,
      id: this.operation.id,
      service: this.operation.service,
      inputs: this.texts,
      types: Object.fromEntries(this.inputs.map(({ name, type }) => [name, type])),
      isPaid: this.payment.token !== "",
    });
    this.plan.replaceChildren();
    this.fault.hidden = true;
  }

  /** Whether all fields are right; else shows what is wrong and goes to the first. */
  check() {
    const wrong = this.fields.filter((field) => !field.check());
    wrong[0]?.focus();
    return wrong.length === 0;
  }

  async press(button, act) {
    this.fault.hidden = true;
    if (button) button.disabled = true;
    try {
      await act();
    } catch (error) {
      this.refuse(error);
    } finally {
      if (button) button.disabled = false;
    }
  }

  /** Calls the operation; `query` is such as `?dryrun=1`. */
  send(query, headers = {}) {
    const route = this.mode === "async" ? "invokeasync" : "invoke";
    return call("POST", `/${route}/${this.operation.id}${query}`, {
      body: object(this.texts),
      headers: { "Content-Type": "application/json", ...this.payment.headers, ...headers },
    });
  }

  async dryRun() {
    for (const field of this.fields) field.check();
    const [{ planElements }, plan] = await Promise.all([import("./plan.js"), this.send("?dryrun=1")]);
    this.payment.quoted(plan.price);
    for (const refusal of plan.refusals) this.mark(refusal.errors ?? []);
    replace(this.plan, ...planElements(plan));
    this.plan.scrollIntoView({ block: "nearest" });
  }

  async run() {
    if (!this.check()) return;
    replace(this.plan, h("p", { class: "muted" }, this.mode === "async" ? "Starting…" : "Running…"));
    try {
      const answer = await this.send("", { "Idempotency-Key": this.key() });
      this.sent = null;
      if (this.mode === "async" || answer.status === "inprogress") {
        location.assign(`/ui/jobs/${answer.jobid}`);
        return;
      }
      this.plan.replaceChildren();
      const { showResult } = await import("./results.js");
      await showResult(answer, this.operation.outputs);
    } catch (error) {
      this.plan.replaceChildren();
      if (error.status !== 0) this.sent = null;
      throw error;
    }
  }

  /** A key for this call; the same one again when the answer to the same inputs was lost. */
  key() {
    const body = object(this.texts);
    if (this.sent?.body !== body) {
      const bytes = crypto.getRandomValues(new Uint8Array(16));
      this.sent = { body, key: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("") };
    }
    return this.sent.key;
  }

  /** Shows a refusal: each violation at its field, all else in words below the form. */
  refuse(error) {
    const others = this.mark(error.errors ?? []);
    if ((error.errors ?? []).length === 0 || others.length > 0) {
      this.fault.textContent = [error.message, ...others.map(({ pointer, detail }) => `${pointer}: ${detail}`)].join(" ");
      this.fault.hidden = false;
      if (error.code === 8003) this.payment.ask();
    }
  }

  /** Shows violations at their fields; gives back those that have none. */
  mark(violations) {
    let first;
    const others = violations.filter(({ pointer, detail }) => {
      const [, name = "", ...rest] = pointer.split("/");
      const plain = decodeURIComponent(name).replaceAll("~1", "/").replaceAll("~0", "~");
      const field = this.fields.find((one) => one.input.name === plain);
      if (!field) return true;
      field.show(detail, rest.length > 0 ? `/${rest.join("/")}` : "");
      first ??= field;
      return false;
    });
    first?.focus();
    return others;
  }
}

const root = document.querySelector("#operation");
if (root) {
  new OperationPage(root).start().catch((error) => announce(`The form can't be shown: ${error.message}`, "bad"));
}
