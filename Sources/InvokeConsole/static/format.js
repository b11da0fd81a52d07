/* Figures as people read them; Format.swift writes them the same way. */

const tenths = (number, unit) => String(Math.round((number * 10) / unit) / 10);

export function duration(ms) {
  const seconds = Math.trunc(ms / 1000);
  if (seconds < 1) return `${Math.round(ms)} ms`;
  if (seconds < 60) return `${tenths(ms, 1000)} s`;
  if (seconds < 3600) return `${Math.trunc(seconds / 60)} min ${seconds % 60} s`;
  if (seconds < 86400) return `${Math.trunc(seconds / 3600)} h ${Math.trunc((seconds % 3600) / 60)} min`;
  return `${Math.trunc(seconds / 86400)} d ${Math.trunc((seconds % 86400) / 3600)} h`;
}

export function bytes(count) {
  if (count < 1024) return `${count} B`;
  const units = ["KiB", "MiB", "GiB", "TiB"];
  let unit = 0;
  let size = 1024;
  while (count / size >= 1024 && unit < units.length - 1) [unit, size] = [unit + 1, size * 1024];
  return `${tenths(count, size)} ${units[unit]}`;
}

export const count = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, "\u202f");

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

/** A moment in the reader's own time; today's without the date. */
export function time(iso) {
  const date = new Date(iso);
  if (Number.isNaN(date.getTime())) return iso;
  return date.toDateString() === new Date().toDateString() ? clock.format(date) : day.format(date);
}
