/* Texts and values as literals, so that each language reads exactly what was meant. */

/** A word of a POSIX shell. */
export function shell(text) {
  return /^[A-Za-z0-9_./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** JSON text as a Python expression: its texts and numbers are the same there, its three words are not. */
export function python(json) {
  const words = { true: "True", false: "False", null: "None" };
  return json.replace(/"(?:[^"\\]|\\.)*"|true|false|null/g, (token) => words[token] ?? token);
}

/** JSON text as a JavaScript expression that makes a string of the same meaning. */
export function javascript(json) {
  // What a number of JavaScript can't hold, and a name that means something in a literal, goes as text.
  const isExact = !json.includes("__proto__") && JSON.stringify(JSON.parse(json)) === compact(json);
  return isExact ? `JSON.stringify(${json})` : JSON.stringify(json);
}

/** JSON text without the space between its tokens. */
export function compact(json) {
  return json.replace(/"(?:[^"\\]|\\.)*"|\s+/g, (token) => (token.startsWith('"') ? token : ""));
}

/** An object of names to JSON texts, as JSON text. */
export function object(texts, separator = ",") {
  return `{${Object.entries(texts).map(([name, text]) => `${JSON.stringify(name)}:${text}`).join(separator)}}`;
}
