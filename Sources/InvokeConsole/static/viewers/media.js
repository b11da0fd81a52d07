/** Sound and film with the browser's own controls. */
import { h } from "../dom.js";
import { Unreadable } from "./source.js";

export async function show(source) {
  const src = source.url ?? await source.objectURL(source.is.type);
  const player = h(source.is.kind, { controls: true, preload: "metadata", src, "aria-label": source.name, class: "media" });
  await new Promise((ready, fail) => {
    player.addEventListener("loadedmetadata", ready, { once: true });
    player.addEventListener("error", () => fail(new Unreadable(
      `This ${source.is.kind === "audio" ? "sound" : "film"} is broken, or of a kind that this browser does not play.`)), { once: true });
  });
  return h("div", { class: "view-media" }, player);
}
