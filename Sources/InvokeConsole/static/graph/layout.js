/**
 * Places a graph in columns, causes to the left of what came of them.
 *
 * `nodes`: `[{ id, width, height }]`; `edges`: `[{ from, to }]` with the ids of two nodes, cause first. Answers with
 * `{ places: Map(id → { x, y }), bends: Map(edge → [{ x, y }, …]), width, height }`: the upper left corner of every node,
 * and the points that an edge passes between its ends.
 */
export function layout(nodes, edges, { gapX = 52, gapY = 18 } = {}) {
  const graph = readable(nodes, edges);
  assignColumns(graph);
  const columns = columnsOf(graph);
  order(columns);
  return coordinates(graph, columns, gapX, gapY);
}

/** Nodes with their neighbours; edges to nothing, to itself and those that would close a circle are left out. */
function readable(nodes, edges) {
  const byId = new Map(nodes.map((node) => [node.id, { ...node, before: [], after: [], column: 0 }]));
  const links = [];
  for (const edge of edges) {
    const from = byId.get(edge.from);
    const to = byId.get(edge.to);
    if (!from || !to || from === to || reaches(to, from)) continue;
    from.after.push(to);
    to.before.push(from);
    links.push({ edge, from, to, bends: [] });
  }
  return { nodes: [...byId.values()], links };
}

function reaches(start, goal) {
  const seen = new Set();
  const open = [start];
  while (open.length) {
    const node = open.pop();
    if (node === goal) return true;
    if (seen.has(node)) continue;
    seen.add(node);
    open.push(...node.after);
  }
  return false;
}

/** The longest way from a beginning; beginnings themselves stand right before the first thing that used them. */
function assignColumns({ nodes }) {
  const left = new Map(nodes.map((node) => [node, node.before.length]));
  const open = nodes.filter((node) => node.before.length === 0);
  while (open.length) {
    const node = open.shift();
    for (const next of node.after) {
      next.column = Math.max(next.column, node.column + 1);
      left.set(next, left.get(next) - 1);
      if (left.get(next) === 0) open.push(next);
    }
  }
  for (const node of nodes) {
    if (node.before.length === 0 && node.after.length) {
      node.column = Math.min(...node.after.map((next) => next.column)) - 1;
    }
  }
}

/** The columns from left to right; an edge over several of them gets a place in each that it passes. */
function columnsOf({ nodes, links }) {
  const columns = [];
  const put = (node) => (columns[node.column] ??= []).push(node);
  nodes.forEach(put);
  for (const link of links) {
    let last = link.from;
    for (let column = link.from.column + 1; column < link.to.column; column += 1) {
      const bend = { width: 0, height: 6, before: [last], after: [], column };
      replaceIn(last.after, link.to, bend);
      link.bends.push(bend);
      put(bend);
      last = bend;
    }
    if (link.bends.length) {
      last.after.push(link.to);
      replaceIn(link.to.before, link.from, last);
    }
  }
  return Array.from(columns, (column) => column ?? []);
}

function replaceIn(list, old, fresh) {
  list[list.indexOf(old)] = fresh;
}

/** Sorts each column by where the neighbours are, to and fro, so that few edges cross. */
function order(columns) {
  const number = (column) => column.forEach((node, index) => (node.rank = index));
  columns.forEach(number);
  for (let round = 0; round < 6; round += 1) {
    const forth = round % 2 === 0;
    for (const column of forth ? columns : columns.toReversed()) {
      for (const node of column) {
        const neighbours = forth ? node.before : node.after;
        node.wish = neighbours.length ? mean(neighbours.map(({ rank }) => rank)) : node.rank;
      }
      column.sort((one, other) => one.wish - other.wish || one.rank - other.rank);
      number(column);
    }
  }
}

function coordinates({ nodes, links }, columns, gapX, gapY) {
  let x = 0;
  for (const column of columns) {
    const width = Math.max(0, ...column.map((node) => node.width));
    let y = 0;
    for (const node of column) {
      Object.assign(node, { x, y });
      y += node.height + gapY;
    }
    x += width + gapX;
  }
  for (let round = 0; round < 8; round += 1) {
    for (const column of round % 2 ? columns.toReversed() : columns) straighten(column, gapY);
  }
  const top = Math.min(0, ...nodes.map((node) => node.y));
  const everything = columns.flat();
  everything.forEach((node) => (node.y -= top));
  return {
    places: new Map(nodes.map(({ id, x, y }) => [id, { x, y }])),
    bends: new Map(links.map(({ edge, bends }) => [edge, bends.map((bend) => ({ x: bend.x, y: centre(bend) }))])),
    width: Math.max(0, x - gapX),
    height: Math.max(0, ...everything.map((node) => node.y + node.height)),
  };
}

/** Moves each node of a column towards the middle of its neighbours, as far as the others leave room. */
function straighten(column, gapY) {
  const wishes = column.map((node) => {
    const neighbours = [...node.before, ...node.after];
    return neighbours.length ? mean(neighbours.map(centre)) - node.height / 2 : node.y;
  });
  let floor = -Infinity;
  column.forEach((node, index) => {
    node.y = Math.max(wishes[index], floor);
    floor = node.y + node.height + gapY;
  });
  const shift = mean(column.map((node, index) => wishes[index] - node.y));
  if (column.length) column.forEach((node) => (node.y += shift));
}

const centre = (node) => node.y + node.height / 2;
const mean = (numbers) => numbers.reduce((sum, number) => sum + number, 0) / numbers.length;
