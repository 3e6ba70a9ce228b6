// @ts-check
// Which span of one trace is which of another: the same service and name, the same place below matched parents. Pure.

/** @typedef {import('./tree.js').Node} Node */
/** @typedef {{ a: Node | undefined, b: Node | undefined, depth: number }} Pair */

/** @param {Node[]} treeA @param {Node[]} treeB @returns {Pair[]} in the order of the trees */
export function pairsOf(treeA, treeB) {
  /** @type {Pair[]} */
  const order = [];
  const stack = match(rootsOf(treeA), rootsOf(treeB), 0).reverse();
  for (let pair = stack.pop(); pair; pair = stack.pop()) {
    order.push(pair);
    stack.push(...match(pair.a?.children ?? [], pair.b?.children ?? [], pair.depth + 1).reverse());
  }
  return order;
}

/** @param {Node[]} tree */
const rootsOf = (tree) => tree.filter(({ parent }) => parent === undefined);

/** @param {Node[]} listA @param {Node[]} listB @param {number} depth @returns {Pair[]} */
function match(listA, listB, depth) {
  /** @type {Map<string, Node[]>} */
  const open = new Map();
  for (const node of listB) {
    const known = open.get(nameOf(node));
    if (known) known.push(node);
    else open.set(nameOf(node), [node]);
  }
  const pairs = listA.map((a) => ({ a, b: open.get(nameOf(a))?.shift(), depth }));
  // What only B has goes where B has it: behind its elder sibling that was matched.
  const taken = new Set(pairs.map(({ b }) => b));
  let at = 0;
  for (const b of listB) {
    if (taken.has(b)) at = pairs.findIndex((pair) => pair.b === b) + 1;
    else pairs.splice(at++, 0, /** @type {any} */ ({ a: undefined, b, depth }));
  }
  return pairs;
}

/** @param {Node} node */
const nameOf = ({ span }) => `${span.service}\n${span.name}\n${span.kind}`;

/**
 * @param {Record<string, unknown>} a
 * @param {Record<string, unknown>} b
 * @returns {[string, unknown, unknown][]} what is not the same
 */
export function differences(a, b) {
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys]
    .filter((key) => JSON.stringify(a[key]) !== JSON.stringify(b[key]))
    .map((key) => [key, a[key], b[key]]);
}
