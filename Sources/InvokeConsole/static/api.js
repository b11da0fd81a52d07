/** A refusal of the agent, in its own words. */
export class Refused extends Error {
  constructor(status, body, retryAfter) {
    super(body?.description ?? body?.title ?? `The agent answered ${status}.`);
    this.status = status;
    this.code = body?.errorcode;
    /** [{ pointer, detail, line? }] */
    this.errors = body?.errors ?? [];
    /** Seconds, when it is worth trying again. */
    this.retryAfter = retryAfter;
  }
}

/** Calls the agent's API: parsed JSON, text for other types, null without a body. Throws Refused. */
export async function call(method, path, { json, body, headers = {}, signal } = {}) {
  let response;
  try {
    response = await fetch(path, {
      method,
      signal,
      headers: { Accept: "application/json, */*", ...(json === undefined ? {} : { "Content-Type": "application/json" }), ...headers },
      body: json === undefined ? body : JSON.stringify(json),
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Refused(0, { description: "The agent does not answer. Is it still running?" });
  }
  const text = await response.text();
  const type = response.headers.get("Content-Type") ?? "";
  const value = text === "" ? null : type.includes("json") ? JSON.parse(text) : text;
  if (response.ok) return value;
  if (response.status === 401 && path !== "/session") {
    location.assign(`/ui/login?next=${encodeURIComponent(location.pathname + location.search)}`);
  }
  throw new Refused(response.status, typeof value === "object" ? value : { description: value }, Number(response.headers.get("Retry-After")) || undefined);
}

export const get = (path, options) => call("GET", path, options);
