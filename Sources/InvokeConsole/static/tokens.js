/* The tokens of an account: listed when asked for, for listing makes a first one. */

import { call, get } from "./api.js";
import { announce, ask, h, replace } from "./dom.js";

const list = document.getElementById("token-list");
const button = document.getElementById("list-tokens");

/** Enough to tell one from another, too little to use it. */
const masked = (token) => `${token.slice(0, 6)}…${token.slice(-4)}`;

async function show() {
  button.disabled = true;
  try {
    const tokens = await get("/api/v1/auth/token");
    replace(list, h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Your tokens" },
      h("table", { class: "list" },
        h("caption", {}, `${tokens.length} live, oldest first; all but their ends is hidden`),
        h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Token"), h("th", { scope: "col" }, h("span", { class: "visually-hidden" }, "Actions")))),
        h("tbody", {}, tokens.map(row)))));
  } catch (refused) {
    announce(refused.message, "bad");
  } finally {
    button.disabled = false;
  }
}

function row(token) {
  return h("tr", {},
    h("th", { scope: "row", class: "mono" }, masked(token)),
    h("td", {}, h("button", { class: "danger quiet", "aria-label": `Revoke ${masked(token)}`, on: { click: () => revoke(token) } }, "Revoke")));
}

async function revoke(token) {
  const question = `Revoke ${masked(token)}? Programs that use it are refused from then on.`;
  if (!(await ask(question, { confirm: "Revoke", danger: true }))) return;
  try {
    await call("DELETE", `/api/v1/auth/revoke/${encodeURIComponent(token)}`);
    announce("The token is revoked.");
    replace(list);
  } catch (refused) {
    announce(refused.message, "bad");
  }
}

button.addEventListener("click", show);
// A token that was made belongs into a list that is shown.
document.addEventListener("called", () => list.hasChildNodes() && show());
