/** Questions to the worker that holds large documents. */

let worker;
let asked = 0;
const waiting = new Map();

/** Asks the worker, which is started by the first question. */
export function ask(message) {
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
