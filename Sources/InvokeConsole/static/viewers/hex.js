/** Bytes as numbers and characters; read a piece at a time, and of large contents only what is asked for. */
import { h, replace } from "../dom.js";
import { bytes, count } from "../format.js";
import { Roll } from "./roll.js";

const piece = 65536;
const step = 1024 * 1024;

export async function show(source) {
  await source.head();
  const all = source.size ?? (await source.blob()).size;
  if (all === 0) return h("p", { class: "empty" }, "This content is empty.");
  const pieces = new Map([[0, source.head()]]);
  const lines = h("div", { class: "hex-lines" });
  const status = h("span", { class: "muted", role: "status" });
  let known = Math.min(all, step);
  let width = 16;
  let turn = 0;

  async function draw(first, shown, rest) {
    const mine = ++turn;
    const from = first * width;
    const to = Math.min(known, from + shown * width);
    const read = await slice(from, to).catch((error) => {
      replace(lines, h("div", {}, error.message));
    });
    if (mine !== turn || !read) return;
    replace(lines, ...Array.from({ length: Math.ceil(read.length / width) }, (_, i) =>
      h("div", {}, line(from + i * width, read.subarray(i * width, (i + 1) * width), width))));
    lines.style.transform = `translateY(${-rest}px)`;
  }

  async function slice(from, to) {
    const read = new Uint8Array(to - from);
    for (let at = from - (from % piece); at < to; at += piece) {
      if (!pieces.has(at)) pieces.set(at, source.slice(at, Math.min(all, at + piece)));
      const part = await pieces.get(at);
      const start = Math.max(from, at);
      read.set(part.subarray(start - at, Math.min(to, at + part.length) - at), start - from);
    }
    return read;
  }

  const roll = new Roll(lines, { label: `Bytes of ${source.name}`, height: 20, draw });
  const more = h("button", { type: "button", on: { click: () => grow(step) } }, "Show more");
  function grow(by) {
    known = Math.min(all, known + by);
    width = roll.element.clientWidth && roll.element.clientWidth < 560 ? 8 : 16;
    roll.count = Math.ceil(known / width);
    status.textContent = known < all ? `The first ${bytes(known)} of ${bytes(all)}` : `${count(all)} bytes`;
    more.hidden = known === all;
  }
  const shown = h("div", { class: "view-hex" }, roll.element, h("div", { class: "view-tools" }, status, more));
  shown.addEventListener("shown", () => grow(0));
  return shown;
}

function line(offset, part, width) {
  const numbers = Array.from(part, (byte) => byte.toString(16).padStart(2, "0")).join(" ").padEnd(width * 3 - 1);
  const characters = Array.from(part, (byte) => byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".").join("");
  return `${offset.toString(16).padStart(8, "0")}  ${numbers}  ${characters}`;
}
