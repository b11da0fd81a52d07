/* Suggestions for fields that take an operation, a service or a tag: those of the operations that the catalogue finds by
   what has been typed. Fields that take an asset suggest the viewer's own. */

import { get } from "./api.js";

const PAUSE_MS = 200;

/** The list that is asked, and what an item of it suggests, by what the field takes: values with what they are called. */
const SUGGESTED = {
  operation: ["operations", (operation) => [[nameOf(operation), nameOf(operation)]]],
  did: ["operations", (operation) => [[operation.did, nameOf(operation)]]],
  service: ["operations", (operation) => [[operation.service, operation.service]]],
  tag: ["operations", (operation) => operation.tags.map((tag) => [tag, tag])],
  asset: ["assets", (asset) => [[asset.id, asset.name ?? asset.id]]],
};

const nameOf = (operation) => `${operation.service}/${operation.name}`;

for (const field of document.querySelectorAll("input[data-suggest]")) {
  const [list, suggestions] = SUGGESTED[field.dataset.suggest];
  let pause = 0;
  let wanted = null;
  field.addEventListener("focus", suggest);
  field.addEventListener("input", () => {
    clearTimeout(pause);
    pause = setTimeout(suggest, PAUSE_MS);
  });

  async function suggest() {
    // The search of operations knows words: a service and a name are two.
    const words = (list === "operations" ? field.value.replaceAll("/", " ") : field.value).trim();
    if (words === wanted) return;
    wanted = words;
    const found = await get(`/${list}?limit=200&q=${encodeURIComponent(words)}`).catch(() => ({ [list]: [] }));
    if (words !== wanted) return;
    const suggested = new Map(found[list].flatMap(suggestions));
    field.list.replaceChildren(...[...suggested].sort().map(([value, text]) => new Option(text, value)));
  }
}
