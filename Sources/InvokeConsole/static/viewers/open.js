/** Opens a document of rows, lines or values: a small one here, a large one in a worker, so that the page stays quick. */

const small = 65536;

/** A document whose methods all answer promises: `name` is the kind of it, `options` go to its `read`. */
export async function open(name, source, options = {}) {
  if ((source.size ?? (await source.blob()).size) <= small) {
    const [{ Document }, text] = await Promise.all([import(`./${name}-data.js`), source.text()]);
    const document = Document.read(text, options);
    return answering(async (method, values) => document[method](...values));
  }
  const [{ ask }, blob] = await Promise.all([import("./asking.js"), source.blob()]);
  const id = await ask({ open: name, blob, options });
  source.whenClosed(() => ask({ close: id }));
  return answering((method, values) => ask({ id, method, values }));
}

/** An object whose methods are all answered by `f`; it has no `then`, so that it can be awaited. */
function answering(f) {
  return new Proxy({}, { get: (_, method) => method === "then" ? undefined : (...values) => f(method, values) });
}
