/** Shows every `[data-view]` of a page in the viewer that fits its content, as soon as it comes near the window. */
import { mount } from "./dom.js";

const nearby = new IntersectionObserver((entries) => {
  for (const { target, isIntersecting } of entries) {
    if (!isIntersecting) continue;
    nearby.unobserve(target);
    show(target);
  }
}, { rootMargin: "300px" });

async function show(element) {
  const [{ Source }, { frame }] = await Promise.all([import("./viewers/source.js"), import("./viewers/frame.js")]);
  const { url, type, name, size } = element.dataset;
  const text = url === undefined ? element.querySelector("pre")?.textContent ?? "" : undefined;
  await frame(element, new Source({ url, type, name, text, size: size ? Number(size) : undefined }));
}

mount("[data-view]", (element) => nearby.observe(element));
