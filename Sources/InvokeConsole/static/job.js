/* One job, as it goes on. */

import { call } from "./api.js";
import { announce, mount, mounted } from "./dom.js";
import { follow } from "./follow.js";
import { logTail } from "./job/log.js";

const REFRESH_MS = 5000;
const ENDS = { succeeded: "ok", failed: "bad", cancelled: "warn" };

const head = document.querySelector("[data-job]");
const { job } = head.dataset;
const live = document.getElementById("live");
const shown = new Map();

mount("[data-retry]", (button) => button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    const { jobid } = await call("POST", button.dataset.retry);
    location.assign(`/ui/jobs/${encodeURIComponent(jobid)}`);
  } catch (error) {
    announce(error.message, "bad");
    button.disabled = false;
  }
}));

/** Puts the parts of the page that have changed in the place of those that are shown. */
async function refresh() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of page.querySelectorAll("[data-part]")) {
    const { part: name } = part.dataset;
    if (shown.get(name) === part.innerHTML) continue;
    shown.set(name, part.innerHTML);
    put(document.querySelector(`[data-part="${name}"]`), part);
  }
}

/** What has the focus keeps it, if it is still there. */
function put(place, part) {
  const focus = place.contains(document.activeElement) ? document.activeElement.id : "";
  place.replaceChildren(...part.childNodes);
  mounted(place);
  if (focus) (document.getElementById(focus) ?? document.getElementById("main")).focus();
}

let asked;
/** Refreshes soon; several wishes are one. */
function refreshSoon() {
  asked ??= setTimeout(async () => {
    asked = undefined;
    await refresh();
  }, 50);
}

function showProgress({ percent, text }) {
  const bar = document.querySelector('[data-part="news"] progress');
  if (!bar) return refreshSoon();
  bar.value = percent;
  bar.parentElement.querySelector(".told").textContent = `${percent} % ${text}`;
}

async function end({ status, description }, source, timer) {
  source.close();
  clearInterval(timer);
  clearTimeout(asked);
  live.textContent = "";
  document.getElementById("pause").hidden = true;
  await refresh();
  const words = description ? `: ${description}` : status === "succeeded" ? ". Its outputs are below." : ".";
  announce(`The job has ${status === "cancelled" ? "been cancelled" : status}${words}`, ENDS[status]);
}

if (!(head.dataset.state in ENDS)) {
  const log = logTail(document.getElementById("tail"), {
    pause: document.getElementById("pause"),
    silent: document.getElementById("silent"),
    cut: document.getElementById("cut"),
  });
  const timer = setInterval(() => {
    if (!document.hidden) refreshSoon();
  }, REFRESH_MS);
  const source = follow(`/jobs/${encodeURIComponent(job)}/events`, {
    state(told) {
      if (told.status in ENDS) {
        log.end();
        end(told, source, timer);
      } else refreshSoon();
    },
    progress: showProgress,
    log: ({ text }) => log.add(text),
  }, {
    onState: (state) => (live.textContent = state === "open" ? "Live" : state === "waiting" ? "Connecting again…" : ""),
  });
}
