/** Points to draw, thinned so that a plot of any size stays quick and still shows every extreme. */

const cells = { across: 400, down: 200 };
const bars = 100;

/**
 * `xs` is { kind: number|time|text, values }, `ys` are numbers; NaN means no value.
 * Answers { kind, points: [x, y][], labels?, drawn, total, each?, extent: { x: [min, max], y: [min, max] } }.
 */
export function series(xs, ys, plot) {
  const labels = xs.kind === "text" || plot === "bar" ? xs.values : undefined;
  let points = [];
  for (let i = 0; i < ys.length; i++) {
    const x = labels ? i : xs.values[i];
    if (Number.isFinite(ys[i]) && Number.isFinite(x)) points.push([x, ys[i]]);
  }
  const total = points.length;
  let each = 1;
  if (plot === "bar" && total > bars) {
    each = Math.ceil(total / bars);
    points = Array.from({ length: Math.ceil(total / each) }, (_, i) => {
      const part = points.slice(i * each, (i + 1) * each);
      return [part[0][0], part.reduce((sum, point) => sum + point[1], 0) / part.length];
    });
  }
  if (plot === "line" && !labels) points.sort((a, b) => a[0] - b[0]);
  const extent = { x: range(points, 0), y: range(points, 1) };
  if (plot === "line") points = extremes(points, extent.x);
  if (plot === "scatter") points = distinct(points, extent);
  return {
    kind: labels && plot !== "bar" ? "text" : xs.kind, points, total, drawn: points.length, each, extent,
    labels: labels && points.map(([i]) => labels[i]),
  };
}

/** Of each narrow column of the plot the first, lowest, highest and last point. */
function extremes(points, [min, max]) {
  if (points.length <= cells.across * 4) return points;
  const kept = [];
  let column = [];
  let place = -1;
  const keep = () => {
    if (!column.length) return;
    const low = column.reduce((a, b) => b[1] < a[1] ? b : a);
    const high = column.reduce((a, b) => b[1] > a[1] ? b : a);
    kept.push(...new Set([column[0], ...[low, high].sort((a, b) => a[0] - b[0]), column.at(-1)]));
  };
  for (const point of points) {
    const at = Math.floor(((point[0] - min) / (max - min || 1)) * cells.across);
    if (at !== place) {
      keep();
      column = [];
      place = at;
    }
    column.push(point);
  }
  keep();
  return kept;
}

/** One point of each small cell of the plot. */
function distinct(points, { x, y }) {
  if (points.length <= 2000) return points;
  const taken = new Map();
  for (const point of points) {
    const column = Math.floor(((point[0] - x[0]) / (x[1] - x[0] || 1)) * cells.across / 2);
    const row = Math.floor(((point[1] - y[0]) / (y[1] - y[0] || 1)) * cells.down / 2);
    const cell = column * cells.down + row;
    if (!taken.has(cell)) taken.set(cell, point);
  }
  return [...taken.values()];
}

function range(points, of) {
  return points.reduce(([min, max], point) => [Math.min(min, point[of]), Math.max(max, point[of])], [Infinity, -Infinity]);
}
