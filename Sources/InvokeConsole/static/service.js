/* A service's page for its owner: the token, when he asks for it. */

import { get } from "./api.js";
import { announce, showOnce } from "./dom.js";

const own = document.querySelector("#own");
const button = document.querySelector("#show-token");

async function show() {
  try {
    await showOnce({ "service token": (await get(own.dataset.path)).token });
  } catch (error) {
    announce(error.message, "bad");
  }
}

if (button) {
  button.hidden = false;
  button.addEventListener("click", show);
  // The page of the definition leads here after a registration.
  if (location.hash === "#registered") {
    history.replaceState(null, "", location.pathname);
    show();
  }
}
