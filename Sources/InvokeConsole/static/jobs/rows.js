import { mounted } from "../dom.js";
import { follow } from "../follow.js";
import { duration } from "../format.js";

const ENDS = ["succeeded", "failed", "cancelled"];
const REFRESH_MS = 1000;

/**
 * Keeps a page of jobs as it is: what happens to its rows is drawn once per frame, however much it is, and rows that come
 * or go are fetched at most once a second. While jobs are selected none comes or goes. What has happened while nobody
 * listened, between the page and the stream or while the stream was lost, is fetched when the stream opens.
 */
export function live(list, { selection, status }) {
  const body = list.querySelector("tbody");
  const filter = list.dataset.status;
  const isFirst = list.dataset.first !== undefined;
  const news = new Map();
  const toldSinceFetch = new Set();
  let frame = 0;
  let refresh = 0;
  let stale = false;

  function draw() {
    frame = 0;
    for (const [id, told] of news) {
      const row = rowOf(body, id);
      if (row) change(row, told);
    }
    news.clear();
    selection.changed();
  }

  /** Draws what is told of one row: `{ status, attempt, started, percent, time }`. */
  function change(row, { status: state, attempt, started, percent, time }) {
    if (state) {
      if (started) row.dataset.started = started;
      row.dataset.state = state;
      const word = cell(row, "state").querySelector(".state");
      word.dataset.state = state;
      word.textContent = state;
      if (attempt) cell(row, "attempts").textContent = attempt;
      if (ENDS.includes(state)) {
        row.querySelector(".percent")?.remove();
        if (row.dataset.started) cell(row, "took").textContent = took(row.dataset.started, time);
      }
    }
    if (percent !== undefined && row.dataset.state === "running") {
      let shown = row.querySelector(".percent");
      if (!shown) {
        shown = document.createElement("span");
        shown.className = "percent muted";
        cell(row, "state").append(" ", shown);
      }
      shown.textContent = `${percent} %`;
    }
  }

  function note(id, told) {
    toldSinceFetch.add(id);
    if (!rowOf(body, id)) return;
    news.set(id, { ...news.get(id), ...told });
    frame ||= requestAnimationFrame(draw);
  }

  function wantRows() {
    if (!isFirst || refresh) return;
    refresh = setTimeout(async () => {
      refresh = 0;
      if (document.hidden) stale = true;
      else await fetchRows();
    }, REFRESH_MS);
  }
  const catchUp = () => {
    if (!stale || !selection.isEmpty || document.hidden) return;
    stale = false;
    wantRows();
  };
  selection.onChange = catchUp;
  document.addEventListener("visibilitychange", catchUp);

  async function fetchRows() {
    toldSinceFetch.clear();
    const answer = await fetch(location.href).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = [...page.querySelectorAll("#jobs tbody tr")];
    const rows = fresh.map((row) => {
      const known = rowOf(body, row.dataset.job);
      if (!known) {
        row.classList.add("fresh");
        return document.adoptNode(row);
      }
      // What the stream has told meanwhile is newer.
      if (toldSinceFetch.has(row.dataset.job)) return known;
      for (const name of ["state", "took", "attempts"]) cell(known, name).replaceWith(document.adoptNode(cell(row, name)));
      Object.assign(known.dataset, row.dataset);
      return known;
    });
    if (!selection.isEmpty) {
      stale = true;
      return selection.changed();
    }
    arrange(body, rows);
    list.querySelector(".scroll").hidden = rows.length === 0;
    const empty = list.querySelector(".empty");
    if (rows.length && empty) empty.remove();
    list.querySelector(".pager").replaceChildren(...page.querySelector("#jobs .pager").childNodes);
    rows.filter((row) => row.classList.contains("fresh")).forEach(mounted);
    selection.changed();
  }

  follow("/events", {
    state({ jobid, status: state, attempt, timestamp }) {
      note(jobid, {
        status: state,
        time: timestamp,
        ...(attempt ? { attempt } : {}),
        ...(attempt === 1 ? { started: timestamp } : {}),
      });
      const fits = !filter || filter === state;
      const isHere = rowOf(body, jobid) !== null;
      if (isHere ? !fits : fits && (filter || state === "scheduled")) wantRows();
    },
    progress({ jobid, percent }) {
      note(jobid, { percent });
    },
  }, {
    onState(state) {
      status.textContent = state === "open" ? "Live" : "Connecting again…";
      status.dataset.state = state;
      if (state === "open") fetchRows();
    },
  });
}

/** Puts rows into this order and leaves no other; a row that stands right is not touched, so it keeps the focus. */
function arrange(body, rows) {
  const wanted = new Set(rows);
  [...body.children].filter((row) => !wanted.has(row)).forEach((row) => row.remove());
  rows.forEach((row, index) => {
    if (body.children[index] !== row) body.insertBefore(row, body.children[index] ?? null);
  });
}

const rowOf = (body, id) => body.querySelector(`tr[data-job="${CSS.escape(id)}"]`);
const cell = (row, name) => row.querySelector(`[data-cell="${name}"]`);

function took(start, end) {
  const ms = new Date(end) - new Date(start);
  return ms < 1000 ? "under 1 s" : duration(ms);
}
