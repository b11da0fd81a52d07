/** A picture, fitted or at its own size, on squares that show where it is transparent. */
import { h } from "../dom.js";
import { Unreadable } from "./source.js";

export async function show(source) {
  const picture = h("img", { class: "image", src: await source.objectURL(source.is.type), alt: source.name });
  try {
    await picture.decode();
  } catch {
    throw new Unreadable("This picture is broken, or of a kind that this browser does not show.");
  }
  const { naturalWidth: width, naturalHeight: height } = picture;
  const stage = h("div", { class: "image-stage", tabindex: "0", role: "region", "aria-label": `Picture ${source.name}` }, picture);
  const actual = h("button", { type: "button", "aria-pressed": "false", on: {
    click: () => {
      const on = stage.classList.toggle("image-actual");
      actual.setAttribute("aria-pressed", String(on));
    },
  } }, "Actual size");
  return h("div", { class: "view-image" },
    h("div", { class: "view-tools" }, actual, width ? h("span", { class: "muted" }, `${width} × ${height} pixels`) : ""), stage);
}
