/** Which kind of content something is by its first bytes, when nothing is said about it. */

/** How some formats begin: [kind, type, position, bytes], `.` standing for any byte. */
const starts = [
  ["image", "image/png", 0, "\x89PNG"], ["image", "image/jpeg", 0, "\xff\xd8\xff"], ["image", "image/gif", 0, "GIF8"],
  ["image", "image/webp", 8, "WEBP"], ["image", "image/avif", 4, "ftypavif"], ["image", "image/bmp", 0, "BM....\0\0\0\0"],
  ["pdf", "application/pdf", 0, "%PDF-"], ["zip", "application/zip", 0, "PK\x03\x04"],
  ["zip", "application/zip", 0, "PK\x05\x06"], ["audio", "audio/wav", 8, "WAVE"], ["audio", "audio/ogg", 0, "OggS"],
  ["audio", "audio/flac", 0, "fLaC"], ["audio", "audio/mpeg", 0, "ID3"], ["audio", "audio/mp4", 4, "ftypM4A"],
  ["video", "video/mp4", 4, "ftyp"], ["video", "video/webm", 0, "\x1a\x45\xdf\xa3"],
];

/** `{ kind, type }` by the first bytes; "bytes" when nothing fits. */
export function sniffed(bytes) {
  const fits = ([, , at, text]) =>
    [...text].every((c, i) => c === "." || bytes[at + i] === c.charCodeAt(0));
  const [kind, type] = starts.find(fits) ?? [];
  if (kind) return { kind, type };
  const text = readable(bytes);
  if (text === undefined) return { kind: "bytes", type: "application/octet-stream" };
  if (/^<svg[\s>]/i.test(root(text))) return { kind: "image", type: "image/svg+xml" };
  const lines = text.split(/\r?\n/, 12).filter((line) => line.trim());
  if (/^\s*[[{]/.test(text)) {
    return { kind: lines.length > 1 && lines.slice(0, 2).every(isJson) ? "lines" : "json", type: "application/json" };
  }
  const cuts = (delimiter) => lines.slice(0, 10).map((line) => line.split(delimiter).length);
  const even = (delimiter) => cuts(delimiter).every((n, _, all) => n > 1 && n === all[0]);
  if (lines.length > 1 && [",", "\t", ";"].some(even)) return { kind: "csv", type: "text/csv" };
  return { kind: "text", type: "text/plain" };
}

/** An XML text from its first element on. */
function root(text) {
  let rest = text.trimStart();
  while (rest.startsWith("<!") || rest.startsWith("<?")) {
    const end = rest.startsWith("<!--") ? "-->" : ">";
    const at = rest.indexOf(end);
    if (at < 0) return "";
    rest = rest.slice(at + end.length).trimStart();
  }
  return rest;
}

/** The bytes as text, or undefined when they are none. */
function readable(bytes) {
  if ((bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)) {
    return new TextDecoder(bytes[0] === 0xff ? "utf-16le" : "utf-16be").decode(bytes);
  }
  if (bytes.some((byte) => byte < 32 && (byte < 7 || byte > 13) && byte !== 27)) return undefined;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}

function isJson(line) {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}
