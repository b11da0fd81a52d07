/* Uploading a file as a new asset. */

import { announce } from "./dom.js";
import { bytes } from "./format.js";
import { upload } from "./upload.js";

const form = document.getElementById("upload");
const zone = document.getElementById("drop");
const { file: input, name, type, send, stop } = form.elements;
const status = form.querySelector(".status");
const fault = form.querySelector(".fault");
const bar = form.querySelector("progress");
let file;
let cancel;

function choose(chosen) {
  file = chosen;
  fault.textContent = "";
  if (!file) return;
  if (!name.value || name.value === name.dataset.guess) name.value = name.dataset.guess = file.name;
  if (!type.value || type.value === type.dataset.guess) type.value = type.dataset.guess = file.type || "application/octet-stream";
  zone.querySelector(".chosen").textContent = `${file.name}, ${bytes(file.size)}`;
}

input.addEventListener("change", () => choose(input.files[0]));
for (const event of ["dragover", "dragleave", "drop"]) {
  zone.addEventListener(event, (told) => {
    told.preventDefault();
    zone.classList.toggle("over", event === "dragover");
    if (event !== "drop") return;
    if (told.dataTransfer.files.length > 1) announce("One file at a time: the first one is taken.", "warn");
    choose(told.dataTransfer.files[0]);
  });
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!file) {
    fault.textContent = "Choose a file first.";
    return input.focus();
  }
  cancel = new AbortController();
  busy(true);
  try {
    const did = await upload(new File([file], name.value, { type: type.value }), type.value, {
      signal: cancel.signal,
      onProgress(part) {
        bar.value = part;
        status.textContent = `${bytes(Math.round(part * file.size))} of ${bytes(file.size)}`;
      },
    });
    location.assign(`/ui/assets/${did.split(":").at(-1)}`);
  } catch (error) {
    busy(false);
    fault.textContent = cancel.signal.aborted ? "Stopped: the content was not stored." : error.message;
  }
});
stop.addEventListener("click", () => cancel?.abort());

function busy(isBusy) {
  send.disabled = isBusy;
  stop.hidden = !isBusy;
  bar.hidden = !isBusy;
  if (isBusy) [bar.value, fault.textContent] = [0, ""];
  else status.textContent = "";
}
form.hidden = false;
