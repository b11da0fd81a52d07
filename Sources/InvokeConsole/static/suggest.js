/* Suggestions for fields that take an operation, a service or a tag: those of the operations that the catalogue finds by
   what has been typed. */

import { get } from "./api.js";

const PAUSE_MS = 200;

/** What an operation suggests, by what the field takes: values with what they are called. */
const SUGGESTED = {
  operation: (operation) => [[nameOf(operation), nameOf(operation)]],
  did: (operation) => [[operation.did, nameOf(operation)]],
  service: (operation) => [[operation.service, operation.service]],
  tag: (operation) => operation.tags.map((tag) => [tag, tag]),
};

const nameOf = (operation) => `${operation.service}/${operation.name}`;

for (const field of document.querySelectorAll("input[data-suggest]")) {
  let pause = 0;
  let wanted = null;
  field.addEventListener("focus", suggest);
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(suggest, PAUSE_MS);
  });

  async function suggest() {
    // The search knows words: a service and a name are two.
    const words = field.value.replaceAll("/", " ").trim();
    if (words === wanted) return;
    wanted = words;
    const found = await get(`/operations?limit=200&q=${encodeURIComponent(words)}`).catch(() => ({ operations: [] }));
    if (words !== wanted) return;
    const suggested = new Map(found.operations.flatMap(SUGGESTED[field.dataset.suggest]));
    field.list.replaceChildren(...[...suggested].sort().map(([value, text]) => new Option(text, value)));
  }
}
