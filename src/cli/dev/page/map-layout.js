// @ts-check
// Where each service stands on the map: a column further right than all that call it. Pure.

const BOX = { width: 178, height: 52 };
const GAP = { x: 160, y: 30 };
const MARGIN = 14;

/**
 * @param {{ name: string }[]} services
 * @param {{ from: string, to: string }[]} edges
 */
export function layoutOf(services, edges) {
  /** @type {Map<string, number>} */
  const column = new Map(services.map(({ name }) => [name, 0]));
  const forward = withoutCycles(
    services.map(({ name }) => name),
    edges,
  );
  // As many rounds as there are services reach the end of the longest path.
  for (let round = 0; round < services.length; round++) {
    let moved = false;
    for (const { from, to } of forward) {
      const wanted = (column.get(from) ?? 0) + 1;
      if ((column.get(to) ?? 0) >= wanted) continue;
      column.set(to, wanted);
      moved = true;
    }
    if (!moved) break;
  }
  /** @type {string[][]} */
  const columns = [];
  for (const [name, at] of column) {
    columns[at] ??= [];
    columns[at].push(name);
  }
  /** @type {Map<string, number>} */
  const row = new Map();
  const tallest = Math.max(1, ...columns.map((names) => names.length));
  for (const names of columns) {
    const middle = (/** @type {string} */ name) =>
      mean(forward.filter(({ to }) => to === name).map(({ from }) => row.get(from) ?? 0));
    names.sort((a, b) => middle(a) - middle(b));
    for (const [at, name] of names.entries()) row.set(name, at + (tallest - names.length) / 2);
  }
  const nodes = new Map(
    services.map(({ name }) => [
      name,
      {
        x: MARGIN + (column.get(name) ?? 0) * (BOX.width + GAP.x),
        y: MARGIN + (row.get(name) ?? 0) * (BOX.height + GAP.y),
      },
    ]),
  );
  const back = edges.length > forward.length ? 46 : 0;
  return {
    nodes,
    box: BOX,
    width: MARGIN * 2 + columns.length * (BOX.width + GAP.x) - GAP.x,
    height: MARGIN * 2 + tallest * (BOX.height + GAP.y) - GAP.y + back,
  };
}

/** Leaves out the calls that lead back to where one came from. @param {string[]} names @param {{ from: string, to: string }[]} edges */
function withoutCycles(names, edges) {
  /** @type {Map<string, 'open' | 'done'>} */
  const seen = new Map();
  /** @type {{ from: string, to: string }[]} */
  const kept = [];
  const called = new Set(edges.map(({ to }) => to));
  /** @param {string} name */
  const visit = (name) => {
    seen.set(name, 'open');
    for (const edge of edges) {
      if (edge.from !== name || seen.get(edge.to) === 'open') continue;
      kept.push(edge);
      if (!seen.has(edge.to)) visit(edge.to);
    }
    seen.set(name, 'done');
  };
  for (const name of [...names.filter((one) => !called.has(one)), ...names]) if (!seen.has(name)) visit(name);
  return kept;
}

/** @param {number[]} values */
const mean = (values) => (values.length === 0 ? 0 : values.reduce((a, b) => a + b, 0) / values.length);
