/* What every page needs: times in the reader's own zone, and buttons and forms that call the API. */

import { call } from "./api.js";
import { announce, ask, mount, showOnce } from "./dom.js";
import { time } from "./format.js";

mount("time[datetime]", (element) => {
  element.title = element.dateTime;
  element.textContent = time(element.dateTime);
});

mount("button[data-call]", (button) => button.addEventListener("click", () => press(button)));
mount("form[data-call]", (form) => form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit(form, event.submitter);
}));

async function press(button) {
  const { confirm, danger = "" } = button.dataset;
  if (confirm && !(await ask(confirm, { confirm: button.textContent.trim(), danger: button.classList.contains("danger") || danger !== "" }))) return;
  const json = button.dataset.json === undefined ? undefined : JSON.parse(button.dataset.json);
  await run(button, button, json, (refused) => announce(refused.message, "bad"));
}

async function submit(form, submitter) {
  clear(form);
  const { confirm } = form.dataset;
  if (confirm && !(await ask(confirm, { confirm: submitter?.textContent.trim() ?? "Yes", danger: submitter?.classList.contains("danger") }))) return;
  let json;
  try {
    json = values(form);
  } catch (fault) {
    return show(form, [fault], fault.detail);
  }
  await run(form, submitter, json, (refused) => show(form, refused.errors, refused.message));
}

/** Calls what the element names, and does what it says is to come then. */
async function run(element, button, json, refused) {
  const [method, path] = element.dataset.call.split(" ");
  if (button) button.disabled = true;
  try {
    const answer = await call(method, path, { json });
    const shown = (element.dataset.show ?? "").split(",").filter((name) => name !== "");
    const facts = typeof answer === "string" && shown.length === 1
      ? { [shown[0]]: answer }
      : Object.fromEntries(shown.filter((name) => answer?.[name]).map((name) => [name, answer[name]]));
    if (Object.keys(facts).length > 0) await showOnce(facts);
    if (element.dataset.then === "reload") return location.reload();
    if (element.dataset.then) return location.assign(element.dataset.then);
    element.dispatchEvent(new CustomEvent("called", { detail: answer, bubbles: true }));
    announce((element.dataset.done ?? "Done").replace(/\{(\w+)\}/g, (_, name) => answer?.[name] ?? ""));
  } catch (error) {
    refused(error);
  } finally {
    if (button) button.disabled = false;
  }
}

/** The form's fields as JSON; empty ones are left out, unless required. `a.b` is the member b of the object a. */
function values(form) {
  const json = {};
  for (const control of form.elements) {
    if (!control.name || control.disabled) continue;
    const path = control.name.split(".");
    if (path.length > 1) {
      if (control.value !== "") (json[path[0]] ??= {})[path[1]] = converted(control);
    } else if (control.dataset.list !== undefined) {
      json[control.name] ??= [];
      if (control.checked) json[control.name].push(control.value);
    } else if (control.type === "checkbox") {
      json[control.name] = control.checked;
    } else if (control.type === "radio") {
      if (control.checked) json[control.name] = control.value;
    } else if (control.value !== "" || control.required) {
      json[control.name] = converted(control);
    }
  }
  return json;
}

function converted(control) {
  switch (control.dataset.type) {
    case "number": return Number(control.value);
    case "boolean": return control.value === "true";
    case "time": return new Date(control.value).toISOString();
    case "json":
      try {
        return JSON.parse(control.value);
      } catch {
        throw { pointer: `#/${control.name}`, detail: "is not JSON" };
      }
    default: return control.value;
  }
}

function clear(form) {
  form.querySelectorAll(".fault").forEach((fault) => fault.replaceChildren());
  form.querySelectorAll("[aria-invalid]").forEach((control) => control.removeAttribute("aria-invalid"));
  form.querySelector(":scope > .note[data-refusal]")?.remove();
}

/** Shows each violation at its field, all others, and the message of a refusal without any, above the form. */
function show(form, errors, message) {
  const others = [];
  let first;
  for (const { pointer = "", detail } of errors) {
    const control = form.elements.namedItem(pointer.split("/")[1] ?? "");
    const field = (control?.[0] ?? control)?.closest?.(".field, fieldset");
    const fault = field?.querySelector(".fault");
    if (!fault) {
      others.push(`${pointer} ${detail}`);
      continue;
    }
    fault.textContent = detail;
    const one = control.length === undefined || control.tagName === "SELECT" ? control : control[0];
    one.setAttribute("aria-invalid", "true");
    first ??= one;
  }
  if (others.length > 0 || errors.length === 0) {
    const note = document.createElement("p");
    note.className = "note";
    note.dataset.kind = "bad";
    note.dataset.refusal = "";
    note.setAttribute("role", "alert");
    note.textContent = [message, ...others].join(" ");
    form.prepend(note);
  }
  first?.focus();
}
