import { call } from "../api.js";
import { announce, ask, h, replace } from "../dom.js";

const AT_ONCE = 4;
const ENDS = ["succeeded", "failed", "cancelled"];
const ACTIONS = {
  cancel: { verb: "Cancel", done: "cancelled", fits: (state) => !ENDS.includes(state), danger: true },
  retry: { verb: "Retry", done: "started again", fits: (state) => ENDS.includes(state), danger: false },
};

/**
 * Lets jobs of a table be selected, and cancelled or retried together. Answers with `{ isEmpty, changed(), onChange }`:
 * `changed` is to be called when rows have changed, `onChange` is called when the selection has.
 */
export function bulk(table, { bar, outcome }) {
  const all = table.querySelector("#all");
  const buttons = [...bar.querySelectorAll("[data-bulk]")];
  const boxes = () => [...table.querySelectorAll("tbody .pick input")];
  const chosen = () => boxes().filter((box) => box.checked).map((box) => box.closest("tr"));
  let isBusy = false;

  const selection = {
    get isEmpty() {
      return !isBusy && chosen().length === 0;
    },
    onChange: () => {},
    changed() {
      all.closest("td").hidden = false;
      for (const row of table.querySelectorAll("tbody tr")) if (!row.querySelector(".pick")) row.prepend(picker(row));
      const rows = chosen();
      const total = boxes().length;
      all.checked = total > 0 && rows.length === total;
      all.indeterminate = rows.length > 0 && rows.length < total;
      bar.hidden = rows.length === 0;
      const text = `${rows.length} selected`;
      if (bar.querySelector(".count").textContent !== text) bar.querySelector(".count").textContent = text;
      for (const button of buttons) {
        const action = ACTIONS[button.dataset.bulk];
        if (!action) continue;
        const count = rows.filter((row) => action.fits(row.dataset.state)).length;
        button.disabled = isBusy || count === 0;
        button.textContent = count === 0 ? action.verb : `${action.verb} ${jobs(count)}`;
      }
    },
  };

  function select(isChecked) {
    boxes().forEach((box) => (box.checked = isChecked));
    selection.changed();
    selection.onChange();
  }

  async function run(action) {
    const ids = chosen().filter((row) => action.fits(row.dataset.state)).map((row) => row.dataset.job);
    const what = `${action.verb} ${jobs(ids.length)}`;
    if (!(await ask(`${what}?`, { confirm: what, danger: action.danger }))) return;
    isBusy = true;
    selection.changed();
    const progress = h("progress", { max: ids.length, value: 0, "aria-label": what });
    const told = h("span", {}, `0 of ${ids.length}`);
    replace(outcome, h("p", { class: "progress" }, progress, " ", told));
    const refused = [];
    let done = 0;
    await each(ids, async (id) => {
      try {
        await call("POST", `/jobs/${encodeURIComponent(id)}/${action.verb.toLowerCase()}`);
      } catch (error) {
        refused.push({ id, reason: error.message });
      }
      done += 1;
      progress.value = done;
      told.textContent = `${done} of ${ids.length}`;
    });
    isBusy = false;
    report(action, ids, refused);
    select(false);
  }

  function report(action, ids, refused) {
    const good = ids.length - refused.length;
    if (good) announce(`${jobs(good)} ${action.done}`, "ok");
    if (!refused.length) return replace(outcome);
    return replace(
      outcome,
      h("div", { class: "note", "data-kind": "bad", role: "alert" },
        h("p", {}, `${jobs(refused.length)} could not be ${action.done}:`),
        h("ul", {}, ...refused.map(({ id, reason }) => h("li", {}, h("a", { class: "mono", href: `/ui/jobs/${encodeURIComponent(id)}` }, id), ` ${reason}`))),
        h("button", { type: "button", class: "quiet", on: { click: () => replace(outcome) } }, "Close")),
    );
  }

  table.addEventListener("change", (event) => {
    if (event.target === all) select(all.checked);
    else {
      selection.changed();
      selection.onChange();
    }
  });
  buttons.forEach((button) =>
    button.addEventListener("click", () => (ACTIONS[button.dataset.bulk] ? run(ACTIONS[button.dataset.bulk]) : select(false))));
  selection.changed();
  return selection;
}

/** The cell with which a row is selected. */
const picker = ({ dataset: { job } }) =>
  h("td", { class: "pick" }, h("input", { type: "checkbox", value: job, "aria-label": `Select job ${job}` }));

/** Does something for each item, a few at once. */
async function each(items, f) {
  const open = [...items];
  const work = async () => {
    for (let item = open.shift(); item !== undefined; item = open.shift()) await f(item);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

const jobs = (count) => (count === 1 ? "1 job" : `${count} jobs`);
