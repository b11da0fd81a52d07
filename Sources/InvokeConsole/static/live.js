/* Keeps the parts of a page that are marked `data-live` as the agent tells them: the page is asked for again every few
   seconds while somebody can see it, and after each call of a button or form. Parts with the focus inside wait. */

import { mounted } from "./dom.js";
import { time } from "./format.js";

const PAUSE = 5_000;
const told = new Map();
const lost = document.getElementById("lost");
let last = new Date();
let timer;

async function refresh() {
  clearTimeout(timer);
  if (!document.hidden) {
    try {
      const response = await fetch(location.href, { headers: { Accept: "text/html" } });
      if (response.redirected) return location.reload();
      if (response.status === 404) return location.reload();
      if (!response.ok) throw new Error(`it says ${response.status}`);
      show(new DOMParser().parseFromString(await response.text(), "text/html"));
      last = new Date();
      if (lost) lost.hidden = true;
    } catch (error) {
      tellLoss(error);
    }
  }
  timer = setTimeout(refresh, PAUSE);
}

function show(page) {
  for (const part of page.querySelectorAll("[data-live][id]")) {
    const here = document.getElementById(part.id);
    const markup = part.innerHTML;
    if (!here || told.get(part.id) === markup || here.innerHTML === markup || here.contains(document.activeElement)) continue;
    if (here.querySelector("details[open]")) continue;
    here.replaceChildren(...document.importNode(part, true).childNodes);
    told.set(part.id, markup);
    mounted(here);
  }
}

/** Said once: an alert that changes is read out again. */
function tellLoss(error) {
  if (!lost || !lost.hidden) return;
  const reason = error instanceof TypeError ? "The agent does not answer" : `The agent does not show this page: ${error.message}`;
  lost.textContent = `${reason}. What you see is of ${time(last.toISOString())}. It is tried again every ${PAUSE / 1000} seconds; is the agent still running?`;
  lost.hidden = false;
}

document.addEventListener("visibilitychange", refresh);
document.addEventListener("called", refresh);
timer = setTimeout(refresh, PAUSE);
