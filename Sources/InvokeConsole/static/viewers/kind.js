/** Which kind of content something is: by its type, then by its name. `sniff.js` tells of the rest. */

const types = {
  "application/pdf": "pdf",
  "text/csv": "csv", "application/csv": "csv", "text/tab-separated-values": "csv",
  "application/json": "json", "text/json": "json",
  "application/x-ndjson": "lines", "application/ndjson": "lines", "application/jsonl": "lines",
  "application/json-lines": "lines", "application/x-jsonlines": "lines",
  "text/markdown": "markdown", "text/x-markdown": "markdown",
  "application/zip": "zip", "application/x-zip-compressed": "zip",
  "application/xml": "text", "application/yaml": "text", "application/x-yaml": "text", "application/toml": "text",
  "application/javascript": "text", "application/x-sh": "text", "application/xhtml+xml": "text",
};

/** Kind and type by the end of a name. */
const names = {
  png: ["image", "image/png"], jpg: ["image", "image/jpeg"], jpeg: ["image", "image/jpeg"], gif: ["image", "image/gif"],
  webp: ["image", "image/webp"], avif: ["image", "image/avif"], bmp: ["image", "image/bmp"], svg: ["image", "image/svg+xml"],
  wav: ["audio", "audio/wav"], mp3: ["audio", "audio/mpeg"], ogg: ["audio", "audio/ogg"], flac: ["audio", "audio/flac"],
  m4a: ["audio", "audio/mp4"], mp4: ["video", "video/mp4"], webm: ["video", "video/webm"], pdf: ["pdf", "application/pdf"],
  csv: ["csv"], tsv: ["csv"], json: ["json"], geojson: ["json"], jsonl: ["lines"], ndjson: ["lines"], md: ["markdown"],
  markdown: ["markdown"], zip: ["zip"], html: ["text"], htm: ["text"], xml: ["text"], yaml: ["text"], yml: ["text"],
  txt: ["text"], log: ["text"], py: ["text"], js: ["text"], sh: ["text"], toml: ["text"],
};

/** `{ kind, type }` by what is said about the content, or undefined when that says nothing. */
export function told({ type, name }) {
  const ending = names[/\.([a-z0-9]+)$/i.exec(name)?.[1].toLowerCase()];
  if (type && type !== "application/octet-stream" && type !== "text/plain") {
    const [family] = type.split("/");
    if (types[type]) return { kind: types[type], type };
    if (type.endsWith("+json")) return { kind: "json", type };
    if (["image", "audio", "video", "text"].includes(family)) return { kind: family, type };
    if (type.endsWith("+xml")) return { kind: "text", type };
  }
  if (ending) return { kind: ending[0], type: ending[1] ?? type };
  return type === "text/plain" ? { kind: "text", type } : undefined;
}
