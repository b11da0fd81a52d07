import { get } from "../api.js";

const AT_ONCE = 6;

/** One page of a walk: `{ document, next }`, PROV-JSON and the address of the next page, if there is one. */
export async function walk(path) {
  const answer = await fetch(path, { headers: { Accept: "application/json" } });
  const document = await answer.json();
  if (!answer.ok) throw new Error(document.description);
  const next = /<([^>]+)>;\s*rel="next"/.exec(answer.headers.get("Link") ?? "")?.[1];
  return { document, next };
}

/** The names that their metadata give to assets: calls `told(node, name)` for each that can be read. */
export async function nameAll(nodes, told) {
  const open = nodes.filter(({ local }) => local);
  const work = async () => {
    for (let node = open.shift(); node; node = open.shift()) {
      const metadata = await get(`/api/v1/meta/data/${node.local}`).catch(() => null);
      if (typeof metadata?.name === "string") told(node, metadata.name);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
