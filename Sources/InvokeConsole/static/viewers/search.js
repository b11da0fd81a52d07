/** A search field with the count of what was found, and steps from one place to the next. */
import { h } from "../dom.js";
import { count } from "../format.js";

/**
 * `find(text)` answers how many places there are, as `{ count, reachable, more? }`; `go(i)` shows one of the reachable
 * ones; `clear()` is called when nothing is looked for any more.
 */
export function search(label, { find, go, clear }) {
  const field = h("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  const status = h("span", { class: "muted", role: "status" });
  const button = (text, name, step) =>
    h("button", { type: "button", "aria-label": name, title: name, on: { click: () => move(step) } }, text);
  const steps = [button("↑", "Previous place", -1), button("↓", "Next place", 1)];
  let found = { count: 0, reachable: 0 };
  let at = -1;
  let asked = "";
  let timer;

  const tell = () => {
    const all = `${count(found.count)}${found.more ? "+" : ""}`;
    status.textContent = !asked ? "" : !found.count ? "Not found" : `${count(at + 1)} of ${all}`;
    for (const step of steps) step.disabled = found.reachable === 0;
  };
  async function start() {
    clearTimeout(timer);
    const text = field.value;
    if (text === asked) return;
    asked = text;
    found = text ? await find(text) : { count: 0, reachable: 0 };
    if (asked !== text) return;
    at = found.reachable ? 0 : -1;
    tell();
    if (at === 0) await go(0);
    else clear();
  }
  async function move(step) {
    await start();
    if (!found.reachable) return;
    at = (at + step + found.reachable) % found.reachable;
    tell();
    await go(at);
  }
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(start, 200);
  });
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (field.value === asked) move(event.shiftKey ? -1 : 1);
    else start();
  });
  tell();
  return h("div", { class: "view-search", role: "search", "aria-label": label }, h("label", {}, "Find ", field), ...steps, status);
}
