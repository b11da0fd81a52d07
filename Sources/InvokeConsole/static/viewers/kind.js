/** Which kind of content something is: by its type, then by its name. `sniff.js` tells of the rest. */

const types = [
  ["pdf", /^application\/pdf$/], ["csv", /^(text|application)\/(csv|tab-separated-values)$/],
  ["lines", /^application\/(x-)?(ndjson|json-?l(ines)?)$/], ["json", /^(text|application)\/(.+\+)?json$/],
  ["markdown", /^text\/(x-)?markdown$/], ["zip", /^application\/(x-)?zip(-compressed)?$/],
  ["image", /^image\//], ["audio", /^audio\//], ["video", /^video\//],
  ["text", /^(text\/|application\/((x-)?(yaml|sh|javascript)|(.+\+)?xml|toml)$)/],
];

/** Kind and type by the end of a name. */
const names = {
  png: ["image", "image/png"], jpg: ["image", "image/jpeg"], jpeg: ["image", "image/jpeg"], gif: ["image", "image/gif"],
  webp: ["image", "image/webp"], avif: ["image", "image/avif"], bmp: ["image", "image/bmp"], svg: ["image", "image/svg+xml"],
  wav: ["audio", "audio/wav"], mp3: ["audio", "audio/mpeg"], ogg: ["audio", "audio/ogg"], flac: ["audio", "audio/flac"],
  m4a: ["audio", "audio/mp4"], mp4: ["video", "video/mp4"], webm: ["video", "video/webm"], pdf: ["pdf", "application/pdf"],
  csv: ["csv"], tsv: ["csv"], json: ["json"], geojson: ["json"], jsonl: ["lines"], ndjson: ["lines"], md: ["markdown"],
  markdown: ["markdown"], zip: ["zip"],
};
const textual = /\.(html?|xml|ya?ml|txt|log|py|js|sh|toml)$/i;

/** `{ kind, type }` by what is said about the content, or undefined when that says nothing. */
export function told({ type, name }) {
  const [kind] = type === "text/plain" ? [] : types.find(([, pattern]) => pattern.test(type)) ?? [];
  if (kind) return { kind, type };
  const ending = names[/\.([a-z0-9]+)$/i.exec(name)?.[1].toLowerCase()];
  if (ending) return { kind: ending[0], type: ending[1] ?? type };
  return type === "text/plain" || textual.test(name) ? { kind: "text", type } : undefined;
}
