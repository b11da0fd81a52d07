import { h } from "./dom.js";
import { bytes, count } from "./format.js";

/** What a dry run tells, for people. */
export function planElements(plan) {
  const refusals = plan.refusals.map((refusal) => h("li", {}, refusal.detail ?? refusal.description));
  const verdict = plan.accepted
    ? h("p", { class: "note", "data-kind": "ok" }, "This call would be accepted. Nothing has been run.")
    : h("div", { class: "note", "data-kind": "bad" }, h("p", {}, "This call would be refused:"), h("ul", {}, ...refusals));
  const facts = [
    ...(plan.price === undefined ? [] : [["Price", price(plan.price)]]),
    ...(plan.queue ? [["Place in the queue", `${count(plan.queue.position)} of ${count(plan.queue.capacity)}`]] : []),
    ...(plan.deadline ? [["Has to end by", new Date(plan.deadline).toLocaleString()]] : []),
    ...Object.entries(plan.inputs).map(([name, input]) => [name, told(input)]),
  ];
  return [verdict, h("dl", { class: "facts" }, ...facts.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]))];
}

function price(quote) {
  if (quote === null) return "nothing";
  return `${quote.amount} ${quote.currency}, ${quote.paid ? "paid for" : "not paid for"}`;
}

/** An input as the operation would get it. */
function told(input) {
  const notes = [];
  if (input.default) notes.push("by default");
  if (input.size !== undefined) notes.push(bytes(input.size));
  if (input.price) notes.push(`${input.price.amount} ${input.price.currency}, ${input.paid ? "paid for" : "not paid for"}`);
  const value = input.type === "asset" ? input.name ?? input.did
    : typeof input.value === "string" ? input.value : JSON.stringify(input.value);
  return notes.length > 0 ? `${value} (${notes.join(", ")})` : value;
}
