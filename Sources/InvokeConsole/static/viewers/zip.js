/** The files in a zip file; each opens in the viewer that fits it. */
import { h, replace } from "../dom.js";
import { bytes, count } from "../format.js";
import { entries, unpack } from "./archive.js";
import { frame } from "./frame.js";
import { Source } from "./source.js";

const page = 200;

export async function show(source) {
  const all = await entries(source);
  if (!all.length) return h("p", { class: "empty" }, "This zip file is empty.");
  const body = h("tbody", {});
  const place = h("div", { class: "zip-place" });
  const status = h("p", { class: "muted" });
  const more = h("button", { type: "button", on: { click: grow } }, "Show more");
  let inner;

  function grow() {
    const from = body.rows.length;
    body.append(...all.slice(from, from + page).map((entry) => h("tr", {},
      h("td", { class: "mono" }, entry.folder ? entry.name
        : h("button", { type: "button", class: "link", on: { click: (event) => open(entry, event.currentTarget) } }, entry.name)),
      h("td", { class: "number" }, entry.folder ? "" : bytes(entry.size)),
      h("td", {}, entry.time))));
    status.textContent = body.rows.length < all.length ? `The first ${count(body.rows.length)} of ${count(all.length)} entries`
      : `${count(all.length)} ${all.length === 1 ? "entry" : "entries"}, ${bytes(all.reduce((sum, { size }) => sum + size, 0))} unpacked`;
    more.hidden = body.rows.length === all.length;
  }

  async function open(entry, button) {
    inner?.close();
    for (const other of body.querySelectorAll("[aria-current]")) other.removeAttribute("aria-current");
    button.setAttribute("aria-current", "true");
    replace(place, h("p", { class: "muted", role: "status" }, `Unpacking ${entry.name}…`));
    try {
      inner = new Source({ blob: await unpack(source, entry), name: entry.name.split("/").at(-1) });
      const box = h("div", {});
      const title = h("h3", { tabindex: "-1" }, entry.name);
      replace(place, title, box);
      await frame(box, inner);
      title.focus();
    } catch (error) {
      replace(place, h("p", { class: "note", "data-kind": "bad", role: "alert" }, error.message));
    }
  }

  grow();
  return h("div", { class: "view-zip" }, status,
    h("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": `Files in ${source.name}` },
      h("table", { class: "list", "aria-label": `Files in ${source.name}` },
        h("thead", {}, h("tr", {}, ...["Name", "Size", "Changed"].map((name, i) =>
          h("th", { scope: "col", class: i === 1 ? "number" : null }, name)))), body)),
    more, place);
}
