/** What is in a zip file, read from its directory at the end; entries are unpacked one at a time, within limits. */
import { Unreadable } from "./source.js";

const largest = 32 * 1024 * 1024;
const directoryLimit = 8 * 1024 * 1024;
const full = 0xffffffff;

/** The entries as { name, size, packed, method, at, crc, locked, time, folder }. */
export async function entries(source) {
  await source.head();
  const size = source.size ?? (await source.blob()).size;
  const tail = await part(source, Math.max(0, size - 65557), size);
  let end = tail.byteLength - 22;
  while (end >= 0 && tail.getUint32(end, true) !== 0x06054b50) end--;
  if (end < 0) throw broken("it has no directory at its end");
  let length = tail.getUint32(end + 12, true);
  let start = tail.getUint32(end + 16, true);
  if (end >= 20 && tail.getUint32(end - 20, true) === 0x07064b50) {
    const wide = await part(source, Number(tail.getBigUint64(end - 12, true)), size, 56);
    if (wide.byteLength < 56 || wide.getUint32(0, true) !== 0x06064b50) throw broken("its directory is not where it should be");
    length = Number(wide.getBigUint64(40, true));
    start = Number(wide.getBigUint64(48, true));
  }
  if (start + length > size) throw broken("a part of it is missing");
  if (length > directoryLimit) throw new Unreadable("This zip file has too many entries to be listed here. Download it to see them.");
  return read(await part(source, start, start + length));
}

/** The bytes of an entry, checked. */
export async function unpack(source, entry) {
  if (entry.locked) throw new Unreadable("This entry is locked with a password. Download the file to open it.");
  if (entry.method !== 0 && entry.method !== 8) throw new Unreadable(`This entry is packed in a way (${entry.method}) that is not read here.`);
  if (Math.max(entry.size, entry.packed) > largest) throw new Unreadable("This entry is larger than 32 MiB unpacked. Download the file to open it.");
  const head = await part(source, entry.at, entry.at + 30);
  if (head.byteLength < 30 || head.getUint32(0, true) !== 0x04034b50) throw broken("this entry is not where the directory says");
  const from = entry.at + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const packed = new Blob([await source.slice(from, from + entry.packed)]);
  const stream = entry.method === 0 ? packed.stream() : packed.stream().pipeThrough(new DecompressionStream("deflate-raw"));
  const parts = [];
  let length = 0;
  let sum = -1;
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch(() => {
      throw broken("this entry cannot be unpacked");
    });
    if (done) break;
    length += value.length;
    if (length > entry.size) {
      await reader.cancel();
      throw new Unreadable("This entry unpacks to more than it says: it was not opened.");
    }
    sum = crc(value, sum);
    parts.push(value);
  }
  if (length !== entry.size || (sum ^ -1) >>> 0 !== entry.crc) throw broken("what is unpacked of this entry is not what was packed");
  return new Blob(parts);
}

function broken(why) {
  return new Unreadable(`This zip file is broken: ${why}.`);
}

async function part(source, from, to, most = Infinity) {
  const bytes = await source.slice(from, Math.min(to, from + most));
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function read(view) {
  const found = [];
  for (let at = 0; at + 46 <= view.byteLength && view.getUint32(at, true) === 0x02014b50;) {
    const [nameLength, extraLength, noteLength] = [28, 30, 32].map((offset) => view.getUint16(at + offset, true));
    const flags = view.getUint16(at + 8, true);
    const bytes = new Uint8Array(view.buffer, view.byteOffset + at + 46, nameLength);
    const entry = {
      name: new TextDecoder().decode(bytes), method: view.getUint16(at + 10, true), locked: (flags & 1) === 1,
      crc: view.getUint32(at + 16, true), packed: view.getUint32(at + 20, true), size: view.getUint32(at + 24, true),
      at: view.getUint32(at + 42, true), time: time(view.getUint16(at + 14, true), view.getUint16(at + 12, true)),
    };
    widen(entry, view, at + 46 + nameLength, extraLength);
    found.push({ ...entry, folder: entry.name.endsWith("/") });
    at += 46 + nameLength + extraLength + noteLength;
  }
  return found;
}

/** Takes sizes that need more than 32 bits from the zip64 field of an entry. */
function widen(entry, view, from, length) {
  for (let at = from; at + 4 <= from + length;) {
    const size = view.getUint16(at + 2, true);
    if (view.getUint16(at, true) === 1) {
      let next = at + 4;
      for (const field of ["size", "packed", "at"]) {
        if (entry[field] !== full || next + 8 > at + 4 + size) continue;
        entry[field] = Number(view.getBigUint64(next, true));
        next += 8;
      }
    }
    at += 4 + size;
  }
}

/** A time as it was on the clock of who packed: "2026-11-22 18:30". */
function time(date, clock) {
  const two = (n) => String(n).padStart(2, "0");
  return `${1980 + (date >> 9)}-${two((date >> 5) & 15)}-${two(date & 31)} ${two(clock >> 11)}:${two((clock >> 5) & 63)}`;
}

const sums = Uint32Array.from({ length: 256 }, (_, n) => {
  for (let bit = 0; bit < 8; bit++) n = n & 1 ? (n >>> 1) ^ 0xedb88320 : n >>> 1;
  return n;
});

function crc(bytes, sum) {
  for (const byte of bytes) sum = sums[(sum ^ byte) & 255] ^ (sum >>> 8);
  return sum;
}
