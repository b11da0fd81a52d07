import { get } from "./api.js";
import { h, mounted, replace } from "./dom.js";

/** Shows what a call has answered, in place. */
export async function showResult(answer, outputs) {
  const section = document.querySelector("#call-result");
  const elements = answer.status === "completed"
    ? await Promise.all(Object.entries(answer.result).map(([name, value]) => output(name, value, outputs[name] ?? {})))
    : [h("p", { class: "note", "data-kind": "bad" }, `${answer.description} (${answer.errorcode})`)];
  const list = section.querySelector("#call-outputs");
  replace(list, ...elements, h("p", {}, h("a", { href: `/ui/jobs/${answer.jobid}` }, "The job of this run")));
  section.hidden = false;
  mounted(list);
  section.focus();
}

async function output(name, value, declared) {
  const title = h("h3", {}, name);
  if (typeof value?.did === "string") return h("section", {}, title, await assetView(name, value.did, declared));
  const isText = typeof value === "string";
  const type = declared.content_type ?? (isText ? "text/plain" : "application/json");
  const text = isText ? value : JSON.stringify(value, null, 2);
  return h("section", {}, title,
    h("div", { "data-view": true, "data-type": type, "data-name": name }, h("pre", { class: "code" }, text)));
}

async function assetView(name, did, declared) {
  const id = did.split(/[:/]/).at(-1);
  const metadata = await get(`/api/v1/meta/data/${id}`);
  const url = `/api/v1/assets/${id}`;
  return h("div", {
    "data-view": true,
    "data-type": metadata.contentType ?? declared.content_type ?? "application/octet-stream",
    "data-url": url,
    "data-name": metadata.name ?? name,
    "data-size": metadata.size ?? null,
  }, h("a", { href: url, download: metadata.name ?? name }, `Download ${metadata.name ?? name}`));
}
