/** Emphasis, code, links and pictures within a line of Markdown. */
import { h } from "../dom.js";

const deepest = 8;
const tokens = new RegExp([
  /\\(?<escaped>[\\`*_{}[\]()#+.!|<>~-])/,
  /(?<ticks>`+)(?<code>[^`]|[^`][\s\S]{0,2000}?[^`])\k<ticks>(?!`)/,
  /(?<picture>!?)\[(?<text>(?:[^[\]\\]|\\.|\[[^[\]]{0,500}\]){0,1000})\]\(\s*<?(?<to>[^\s<>()]{0,2000}(?:\([^\s()]{0,500}\)[^\s<>()]{0,500})?)>?(?:\s+["'][^"']{0,500}["'])?\s*\)/,
  /<(?<auto>(?:https?:\/\/|mailto:)[^\s<>]{1,2000})>/,
  /(?<bare>https?:\/\/[^\s<>"')\]]{1,2000}[^\s<>"')\].,;:!?*_])/,
  /(?<strong>\*\*|__)(?=\S)(?<bold>[\s\S]{1,2000}?\S?)\k<strong>(?!\*)/,
  /(?<struck>~~)(?=\S)(?<gone>[^~]{1,2000})~~/,
  /(?<slant>\*|(?<!\w)_)(?=[^\s*_])(?<leaning>[^*_]{0,1000}(?:(?:\*\*|__)[^*_]{1,500}(?:\*\*|__)[^*_]{0,500})?[^\s*_]?)\k<slant>(?!\w)/,
  /(?<break> {2,}\n|\\\n)/,
].map(({ source }) => source).join("|"), "g");

/** The nodes of a text. */
export function inline(text, depth = 0) {
  if (depth > deepest) return [text];
  const nodes = [];
  let at = 0;
  for (const { 0: whole, index, groups } of text.matchAll(tokens)) {
    if (index > at) nodes.push(text.slice(at, index));
    nodes.push(node(groups, whole, depth + 1));
    at = index + whole.length;
  }
  if (at < text.length) nodes.push(text.slice(at));
  return nodes;
}

function node(found, whole, depth) {
  if (found.escaped) return found.escaped;
  if (found.code) return h("code", {}, found.code.replace(/^ (.*\S.*) $/, "$1"));
  if (found.picture) return picture(found.to, found.text);
  if (found.text !== undefined) return link(found.to, inline(found.text, depth), whole);
  if (found.auto ?? found.bare) return link(found.auto ?? found.bare, [found.auto ?? found.bare], whole);
  if (found.bold) return h("strong", {}, ...inline(found.bold, depth));
  if (found.gone) return h("s", {}, ...inline(found.gone, depth));
  if (found.leaning) return h("em", {}, ...inline(found.leaning, depth));
  return found.break ? h("br", {}) : whole;
}

/** A link outside of the agent; any other address than a web or mail one is shown as it was written. */
function link(address, content, whole) {
  const url = URL.parse(address);
  if (!url || !["http:", "https:", "mailto:"].includes(url.protocol)) return whole;
  return h("a", { href: url.href, rel: "noopener noreferrer", target: "_blank" }, ...content);
}

/** Pictures come from this agent only; of others the text is left, so that nobody learns who reads. */
function picture(address, text) {
  const url = URL.parse(address, location.href);
  if (url?.origin !== location.origin || !["http:", "https:"].includes(url.protocol)) return text || address;
  return h("img", { src: url.href, alt: text, loading: "lazy", referrerpolicy: "no-referrer" });
}
