/** Opens a document of rows, lines or values: a small one here, a large one in a worker, so that the page stays quick. */

const small = 65536;
const classes = {
  json: () => import("./json-data.js"),
  table: () => import("./table-data.js"),
  text: () => import("./text-data.js"),
};

let worker;
let asked = 0;
const waiting = new Map();

/** A document whose methods all answer promises: `name` is the kind of it, `options` go to its `read`. */
export async function open(name, source, options = {}) {
  const text = source.size <= small ? await source.text() : undefined;
  if (text !== undefined) {
    const { Document } = await classes[name]();
    const document = Document.read(text, options);
    return answering(async (method, values) => document[method](...values));
  }
  const id = await ask({ open: name, blob: await source.blob(), options });
  source.whenClosed(() => ask({ close: id }));
  return answering((method, values) => ask({ id, method, values }));
}

/** An object whose methods are all answered by `f`; it has no `then`, so that it can be awaited. */
function answering(f) {
  return new Proxy({}, { get: (_, method) => method === "then" ? undefined : (...values) => f(method, values) });
}

function ask(message) {
  worker ??= start();
  return new Promise((answer, refuse) => {
    waiting.set(++asked, { answer, refuse });
    worker.postMessage({ ...message, number: asked });
  });
}

function start() {
  const started = new Worker(new URL("./worker.js", import.meta.url), { type: "module" });
  started.onmessage = ({ data: { number, value, error } }) => {
    const { answer, refuse } = waiting.get(number);
    waiting.delete(number);
    if (error === undefined) answer(value);
    else refuse(new Error(error));
  };
  started.onerror = () => {
    for (const { refuse } of waiting.values()) refuse(new Error("The worker that reads large contents could not be started."));
    waiting.clear();
    worker = undefined;
  };
  return started;
}
