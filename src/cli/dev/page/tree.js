// @ts-check
// From spans to the rows of a waterfall, and to the span that a reader wants to see first. Pure; no recursion, because a
// trace can be as deep as it is long.

/** @typedef {import('./api.js').SpanJson} SpanJson */

/**
 * @typedef {object} Node
 * @property {SpanJson} span
 * @property {number} depth
 * @property {Node | undefined} parent
 * @property {Node[]} children
 * @property {number} index place in the whole tree, from above
 * @property {number} last index of its last descendant, or its own
 * @property {number} place among its siblings, from 1
 * @property {number} siblings itself included
 * @property {boolean} orphan it names a parent that is not here
 */

/** @param {SpanJson[]} spans in order of start @returns {Node[]} from above */
export function treeOf(spans) {
  /** @type {Map<string, Node>} */
  const byId = new Map();
  for (const span of spans) {
    byId.set(span.spanId, {
      span,
      depth: 0,
      parent: undefined,
      children: [],
      index: -1,
      last: -1,
      place: 1,
      siblings: 1,
      orphan: false,
    });
  }
  const roots = [];
  for (const node of byId.values()) {
    const { parentSpanId, spanId } = node.span;
    const parent = parentSpanId === undefined || parentSpanId === spanId ? undefined : byId.get(parentSpanId);
    if (parent) {
      node.parent = parent;
      parent.children.push(node);
    } else {
      node.orphan = parentSpanId !== undefined;
      roots.push(node);
    }
  }
  /** @type {Node[]} */
  const order = [];
  place(roots, order);
  // What is left goes in circles: a span that says it is its own ancestor.
  for (const node of byId.values()) {
    if (node.index >= 0) continue;
    if (node.parent) node.parent.children = node.parent.children.filter((child) => child !== node);
    node.parent = undefined;
    node.orphan = true;
    place([node], order);
  }
  return order;
}

/** @param {Node[]} roots @param {Node[]} order */
function place(roots, order) {
  const stack = roots.map((node, at) => seat(node, 0, at, roots.length)).reverse();
  const begun = order.length;
  for (let node = stack.pop(); node; node = stack.pop()) {
    if (node.index >= 0) continue;
    node.index = order.length;
    node.last = node.index;
    order.push(node);
    const { children, depth } = node;
    for (let at = children.length - 1; at >= 0; at--) {
      const child = /** @type {Node} */ (children[at]);
      stack.push(seat(child, depth + 1, at, children.length));
    }
  }
  for (let at = order.length - 1; at >= begun; at--) {
    const node = /** @type {Node} */ (order[at]);
    if (node.parent && node.parent.last < node.last) node.parent.last = node.last;
  }
}

/** @param {Node} node @param {number} depth @param {number} at @param {number} siblings */
function seat(node, depth, at, siblings) {
  if (node.index < 0) Object.assign(node, { depth, place: at + 1, siblings });
  return node;
}

/** @param {Node[]} tree @param {Set<string>} folded span ids */
export function visible(tree, folded) {
  if (folded.size === 0) return tree;
  const rows = [];
  for (let at = 0; at < tree.length; at++) {
    const node = /** @type {Node} */ (tree[at]);
    rows.push(node);
    if (folded.has(node.span.spanId)) at = node.last;
  }
  return rows;
}

/** @param {SpanJson} span */
export const exceptionOf = (span) => span.events.findLast(({ name }) => name === 'exception');

/** @param {SpanJson} span */
export function isError({ status, events, attributes, kind }) {
  if (status === 'error' || events.some(({ name }) => name === 'exception')) return true;
  const code = Number(attributes['http.response.status_code'] ?? attributes['http.status_code'] ?? 0);
  return status === 'unset' && code >= 500 && (kind === 'server' || kind === 'client');
}

/**
 * Where the failure began, with its stack where there is one; else where the time went, when the trace was slow.
 * @param {Node[]} tree
 * @param {boolean} slow
 */
export function firstLook(tree, slow) {
  let best = tree[0];
  let rank = -1;
  for (const node of tree) {
    if (!isError(node.span)) continue;
    const value = (exceptionOf(node.span) ? 1_000_000 : 0) + node.depth;
    if (value > rank) [best, rank] = [node, value];
  }
  if (rank >= 0 || !slow) return best;
  return tree
    .filter(({ span }) => span.critical)
    .reduce((a, b) => (b.span.selfMs > (a?.span.selfMs ?? -1) ? b : a), best);
}
