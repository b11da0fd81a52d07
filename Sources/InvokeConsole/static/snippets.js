/**
 * The same call for programs. A call is
 * `{ origin, id, mode: "sync" | "async", inputs: { name: JSON text }, types: { name: "asset" | "string" | "json" },
 * service, isPaid }`; each dialect makes a request of it, and each language writes a request down.
 */

import { javascript, object, python, shell } from "./quoting.js";

export const dialects = { seed: "DEP-6", v1: "DEP v1", oscar: "OSCAR" };
export const languages = { curl: "curl", python: "Python", javascript: "JavaScript", command: "invoke-agent" };

/** Whether a shell takes a text as one argument: in bytes, with room to spare. */
const fits = (text) => new TextEncoder().encode(text).length <= 100_000;

export function snippet(call, dialect, language) {
  return language === "command" ? command(call) : writers[language](request(call, dialect));
}

/**
 * The request of a call in a dialect: its URL, its body (`json`, `text`, or `asset`, the URL of what is to be sent in
 * base64), and where the result is asked for when the answer is only a job.
 */
function request(call, dialect) {
  const { origin, id, mode } = call;
  if (dialect === "oscar") return scriptRequest(call);
  const isSync = mode === "sync";
  const [start, result] = dialect === "v1"
    ? [`/api/v1/invoke/${mode}/${id}`, "/api/v1/invoke/jobs/"]
    : [`/${isSync ? "invoke" : "invokeasync"}/${id}`, "/jobs/result/"];
  return {
    url: origin + start,
    json: object(call.inputs),
    isPaid: call.isPaid,
    result: isSync ? null : origin + result,
  };
}

/** OSCAR's own routes take the one input as the body, whatever it is. */
function scriptRequest({ origin, service, mode, inputs }) {
  const name = encodeURIComponent(service);
  const request = { url: `${origin}/${mode === "sync" ? "run" : "job"}/${name}`, result: null };
  const value = inputs.input === undefined ? "" : JSON.parse(inputs.input);
  if (typeof value === "string") return { ...request, text: value };
  return { ...request, asset: `${origin}/api/v1/assets/${encodeURIComponent(value.did.split(/[:/]/).at(-1))}` };
}

const writers = {
  curl({ url, json, text, asset, isPaid, result }) {
    const token = '-H "Authorization: Bearer $INVOKE_TOKEN"';
    const paid = isPaid ? ' \\\n  -H "Purchase-Token: $PURCHASE_TOKEN"' : "";
    const [flag, body] = json === undefined ? ["--data-raw", text] : ["--json", json];
    let [before, given] = ["", ""];
    if (asset) {
      before = `curl -sS --fail-with-body ${token} ${shell(asset)} | base64 -w 0 |\n`;
      given = "--data-binary @-";
    } else if (!fits(body)) {
      before = `printf %s ${shell(body)} |\n`;
      given = json === undefined ? "--data-binary @-" : "--json @-";
    } else {
      given = `${flag} ${shell(body)}`;
    }
    const start = `${before}curl -sS --fail-with-body ${given} \\\n  ${token}${paid} \\\n  ${shell(url)}`;
    if (!result) return start;
    return `JOB=$(${start} | jq -r .jobid)\ncurl -sS --fail-with-body ${token} \\\n  "${result}$JOB?wait=50"`;
  },

  python({ url, json, text, asset, isPaid, result }) {
    const lines = ["import os", "import requests", "", 'headers = {"Authorization": "Bearer " + os.environ["INVOKE_TOKEN"]}'];
    if (asset) {
      lines.splice(0, 0, "import base64");
      lines.push(`content = requests.get(${JSON.stringify(asset)}, headers=headers)`, "content.raise_for_status()");
    }
    if (isPaid) lines.push('headers["Purchase-Token"] = os.environ["PURCHASE_TOKEN"]');
    const body = asset ? "data=base64.b64encode(content.content)"
      : json === undefined ? `data=${JSON.stringify(text)}.encode()` : `json=${python(json)}`;
    lines.push("answer = requests.post(", `    ${JSON.stringify(url)},`, `    ${body},`, "    headers=headers,", ")");
    if (result) {
      lines.push("answer.raise_for_status()");
      lines.push(`url = ${JSON.stringify(result)} + answer.json()["jobid"]`);
      lines.push('answer = requests.get(url, params={"wait": 50}, headers=headers)');
    }
    lines.push("print(answer.text)", "answer.raise_for_status()");
    return lines.join("\n");
  },

  javascript({ url, json, text, asset, isPaid, result }) {
    const lines = ["const headers = { Authorization: `Bearer ${process.env.INVOKE_TOKEN}` };"];
    if (asset) lines.push(`const content = await fetch(${JSON.stringify(asset)}, { headers });`);
    if (json !== undefined) lines.push('headers["Content-Type"] = "application/json";');
    if (isPaid) lines.push('headers["Purchase-Token"] = process.env.PURCHASE_TOKEN;');
    const body = asset ? 'Buffer.from(await content.arrayBuffer()).toString("base64")'
      : json === undefined ? JSON.stringify(text) : javascript(json);
    const variable = result ? "let" : "const";
    lines.push(`${variable} answer = await fetch(${JSON.stringify(url)}, {`, '  method: "POST",', "  headers,", `  body: ${body},`, "});");
    if (result) {
      lines.push("const { jobid } = await answer.json();");
      lines.push(`answer = await fetch(${JSON.stringify(result)} + jobid + "?wait=50", { headers });`);
    }
    lines.push("console.log(await answer.text());");
    return lines.join("\n");
  },
};

/** The command line reads `-` and a leading `@` as something else than text. */
function command({ origin, id, inputs, types, isPaid }) {
  let piped = "";
  const words = Object.entries(inputs).map(([name, json]) => {
    const text = types[name] === "json" ? json : types[name] === "asset" ? JSON.parse(json).did : plain(json);
    const value = text.startsWith("@") ? `@${text}` : text;
    if (piped || (text !== "-" && !text.includes("\0") && fits(value))) return shell(`${name}=${value}`);
    piped = `printf %b ${shell(text.replaceAll("\\", "\\\\").replaceAll("\0", "\\0000"))} |\n`;
    return `${name}=-`;
  });
  const paid = isPaid ? ['--purchase-token "$PURCHASE_TOKEN"'] : [];
  const options = [`--url ${shell(origin)}`, "--output json", ...paid].join(" ");
  return [`${piped}invoke-agent run ${options}`, id, ...words].join(" \\\n  ");
}

/** A script's input may be an asset though it is a text. */
function plain(json) {
  const value = JSON.parse(json);
  return typeof value === "string" ? value : value.did;
}
