/** Labels with their probabilities as bars, the likeliest first. */
import { h, replace } from "../dom.js";
import { count } from "../format.js";
import { document } from "./json.js";

const first = 20;

export async function show(source) {
  const shares = await (await document(source)).shares();
  const list = h("ol", { class: "labels", "aria-label": `Labels of ${source.name}` });
  const draw = (most) => replace(list, ...shares.slice(0, most).map(bar));
  draw(first);
  if (shares.length <= first) return list;
  const more = h("button", { type: "button", on: {
    click: () => {
      draw(shares.length);
      more.remove();
    },
  } }, `Show all ${count(shares.length)} labels`);
  return h("div", {}, list, more);
}

function bar([label, share]) {
  const fill = h("span", { class: "labels-fill" });
  fill.style.width = `${share * 100}%`;
  return h("li", {},
    h("span", { class: "labels-name" }, label),
    h("span", { class: "labels-track", "aria-hidden": "true" }, fill),
    h("span", { class: "labels-share number" }, percent(share)));
}

function percent(share) {
  if (share > 0 && share < 0.0001) return "< 0.01 %";
  return `${(share * 100).toLocaleString("en", { maximumFractionDigits: share < 0.01 ? 2 : 1 })} %`;
}
