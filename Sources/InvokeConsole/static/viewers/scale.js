/** Places on an axis: from values to pixels, with ticks at round values. */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const steps = [second, 5 * second, 15 * second, minute, 5 * minute, 15 * minute, hour, 3 * hour, 6 * hour, 12 * hour,
  day, 2 * day, 7 * day, 14 * day, 30 * day, 91 * day, 182 * day, 365 * day];

/** `{ at(value) → pixel, ticks: [{ value, text }] }` for values between two bounds on so many pixels. */
export function scale([low, high], [start, end], { kind = "number", ticks = 6, fromZero = false } = {}) {
  let [min, max] = fromZero ? [Math.min(0, low), Math.max(0, high)] : [low, high];
  if (min === max) [min, max] = min === 0 ? [0, 1] : [min - Math.abs(min) / 2, max + Math.abs(max) / 2];
  const step = kind === "time" ? timeStep(max - min, ticks) : roundStep((max - min) / ticks);
  if (kind === "number") [min, max] = [Math.floor(min / step + 1e-9) * step, Math.ceil(max / step - 1e-9) * step];
  const values = [];
  for (let i = Math.ceil(min / step - 1e-9); i * step <= max + step * 1e-9; i++) values.push(i * step || 0);
  const digits = Math.max(0, Math.min(12, -Math.floor(Math.log10(step) + 1e-9)));
  const text = kind === "time" ? timeText(step) : (value) => numberText(value, digits, Math.max(Math.abs(min), Math.abs(max)));
  return {
    at: (value) => start + ((value - min) / (max - min)) * (end - start),
    ticks: values.map((value) => ({ value, text: text(value) })),
  };
}

/** 1, 2 or 5 times a power of ten, not below a raw step. */
function roundStep(raw) {
  const power = 10 ** Math.floor(Math.log10(raw));
  return power * [1, 2, 5, 10].find((factor) => factor * power >= raw * (1 - 1e-9));
}

function timeStep(span, ticks) {
  return steps.find((step) => span / step <= ticks) ?? roundStep(span / ticks / steps.at(-1)) * steps.at(-1);
}

function timeText(step) {
  const [from, to] = step >= 30 * day ? [0, 7] : step >= day ? [0, 10] : step >= minute ? [5, 16] : [11, 19];
  return (value) => new Date(value).toISOString().slice(from, to).replace("T", " ");
}

function numberText(value, digits, largest) {
  if (value !== 0 && (largest >= 1e7 || largest < 1e-4)) return value.toExponential(2).replace(/\.?0+e/, "e").replace("e+", "e");
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
