// Puts spans in the order and depth in which a tree prints them. Pure, iterative, each span exactly once.
import type { TestSpan } from './test-span.ts';

export interface TreeRow {
  span: TestSpan;
  /** Indentation and branch, e.g. `│  └─ `; empty for a root. */
  branch: string;
  /** `orphan`: the parent was not among the spans. `cycle`: the span is its own ancestor. */
  oddity: 'orphan' | 'cycle' | undefined;
  /** How often the same span id came; more than 1 means it was exported twice. */
  copies: number;
}

/** A line in place of children left out by `maxChildren`. */
export interface OmittedRow {
  branch: string;
  omitted: number;
}

/** Beyond this depth the indentation stays and the depth is written as a number: a tree stays printable. */
const MAX_INDENTED_DEPTH = 40;

interface Node {
  span: TestSpan;
  children: Node[];
  copies: number;
}

interface Pending {
  node: Node;
  depth: number;
  indent: string;
  branch: string;
  oddity: TreeRow['oddity'];
}

/** Rows of one trace. */
export function treeRows(spans: TestSpan[], maxChildren: number): (TreeRow | OmittedRow)[] {
  const nodes = new Map<string, Node>();
  for (const span of spans) {
    const known = nodes.get(span.spanId);
    if (known) known.copies += 1;
    else nodes.set(span.spanId, { span, children: [], copies: 1 });
  }
  const roots: Node[] = [];
  const ordered = [...nodes.values()].sort(byStart);
  for (const node of ordered) {
    const parent = node.span.parentSpanId === undefined ? undefined : nodes.get(node.span.parentSpanId);
    (parent?.children ?? roots).push(node);
  }

  const rows: (TreeRow | OmittedRow)[] = [];
  const seen = new Set<Node>();
  for (const root of roots) walk(root, root.span.parentSpanId === undefined ? undefined : 'orphan');
  for (const node of ordered) if (!seen.has(node)) walk(node, 'cycle');
  return rows;

  function walk(root: Node, oddity: TreeRow['oddity']): void {
    const stack: (Pending | OmittedRow)[] = [{ node: root, depth: 0, indent: '', branch: '', oddity }];
    for (let next = stack.pop(); next; next = stack.pop()) {
      if ('omitted' in next) {
        rows.push(next);
        continue;
      }
      const { node, depth, indent, branch } = next;
      if (seen.has(node)) continue;
      seen.add(node);
      rows.push({ span: node.span, branch, oddity: next.oddity, copies: node.copies });

      const children = node.children.filter((child) => !seen.has(child));
      const shown = children.slice(0, maxChildren);
      const omitted = children.length - shown.length;
      for (const child of children.slice(maxChildren)) markAll(child);
      if (omitted > 0) stack.push({ branch: branchOf(depth + 1, indent, true), omitted });
      for (let i = shown.length - 1; i >= 0; i--) {
        const last = i === shown.length - 1 && omitted === 0;
        stack.push({
          node: shown[i]!,
          depth: depth + 1,
          indent: depth < MAX_INDENTED_DEPTH ? `${indent}${last ? '   ' : '│  '}` : indent,
          branch: branchOf(depth + 1, indent, last),
          oddity: undefined,
        });
      }
    }
  }

  function markAll(node: Node): void {
    const stack = [node];
    for (let next = stack.pop(); next; next = stack.pop()) {
      if (seen.has(next)) continue;
      seen.add(next);
      stack.push(...next.children);
    }
  }
}

function branchOf(depth: number, indent: string, last: boolean): string {
  const branch = `${indent}${last ? '└─ ' : '├─ '}`;
  return depth > MAX_INDENTED_DEPTH ? `${branch}(depth ${depth}) ` : branch;
}

/** Clocks of two processes may agree to the nanosecond; the name, then the id, keep the order stable. */
function byStart(a: Node, b: Node): number {
  if (a.span.startTimeUnixNano !== b.span.startTimeUnixNano) {
    return a.span.startTimeUnixNano < b.span.startTimeUnixNano ? -1 : 1;
  }
  if (a.span.name !== b.span.name) return a.span.name < b.span.name ? -1 : 1;
  return a.span.spanId < b.span.spanId ? -1 : 1;
}
