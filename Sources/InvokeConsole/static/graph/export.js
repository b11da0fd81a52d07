const LOOKS = [
  "fill", "stroke", "stroke-width", "stroke-dasharray", "opacity", "font-family", "font-size", "font-weight",
];

/**
 * A drawing as the text of an SVG file that looks the same everywhere: whole, with its colours written into it, and
 * without what only works on the page.
 */
export function standalone(drawing, { width, height }) {
  const copy = drawing.cloneNode(true);
  const originals = [...drawing.querySelectorAll("*")];
  [...copy.querySelectorAll("*")].forEach((element, index) => {
    const style = getComputedStyle(originals[index]);
    for (const look of LOOKS) {
      const value = style.getPropertyValue(look);
      if (value) element.setAttribute(look, value);
    }
  });
  copy.querySelectorAll(".handle").forEach((handle) => handle.remove());
  copy.querySelectorAll("[tabindex], [transform]").forEach((element) => element.removeAttribute("tabindex"));
  copy.querySelectorAll("a[href]").forEach((link) => link.setAttribute("href", new URL(link.getAttribute("href"), location.href)));
  copy.querySelector(".content").removeAttribute("transform");
  const margin = 24;
  const box = [-margin, -margin, width + 2 * margin, height + 2 * margin];
  for (const name of ["class", "tabindex", "role"]) copy.removeAttribute(name);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("viewBox", box.join(" "));
  copy.setAttribute("width", box[2]);
  copy.setAttribute("height", box[3]);
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  ["x", "y", "width", "height"].forEach((name, index) => ground.setAttribute(name, box[index]));
  ground.setAttribute("fill", getComputedStyle(drawing).backgroundColor);
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}

/** Hands the reader a file. */
export function save(name, type, ...parts) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
