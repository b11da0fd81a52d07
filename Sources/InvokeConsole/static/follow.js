/**
 * Follows a stream of events, across restarts of the agent: handlers by the name of the event are given its data, parsed,
 * and the event. onState is told "open", "waiting" or "ended".
 */
export function follow(path, handlers, { onState = () => {} } = {}) {
  const source = new EventSource(path);
  source.addEventListener("open", () => onState("open"));
  source.addEventListener("error", () => onState(source.readyState === EventSource.CLOSED ? "ended" : "waiting"));
  for (const [name, handler] of Object.entries(handlers)) {
    source.addEventListener(name, (event) => handler(JSON.parse(event.data), event));
  }
  addEventListener("pagehide", () => source.close(), { once: true });
  return source;
}
