// Compares trees of text by their branches, where a line `…` stands for any spans in its place. Pure.

export interface TextNode {
  label: string;
  children: TextNode[];
}

const ANYTHING = '…';

/**
 * Reads what `spanTree` prints, and the same drawn with two spaces for each level. Indentation in front of all lines,
 * empty lines and the width of columns do not count.
 */
export function parseTree(text: string): TextNode[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const margin = Math.min(...lines.map((line) => line.length - line.trimStart().length));
  const roots: TextNode[] = [];
  const path: TextNode[] = [];
  for (const line of lines) {
    const { depth, label } = readLine(line.slice(margin));
    path.length = Math.min(depth, path.length);
    const node = { label, children: [] };
    (path.at(-1)?.children ?? roots).push(node);
    path.push(node);
  }
  return roots;
}

function readLine(line: string): { depth: number; label: string } {
  const [, branch, deep, rest = ''] = /^((?:[│ ] {2})*[├└]─ )?(?:\(depth (\d+)\) )?(.*)$/.exec(line) ?? [];
  const label = rest.trim().replaceAll(/\s{2,}/g, '   ');
  if (deep !== undefined) return { depth: Number(deep), label };
  if (branch !== undefined) return { depth: branch.length / 3, label };
  return { depth: Math.floor((rest.length - rest.trimStart().length) / 2), label };
}

/** In order. Costs at most the product of the two numbers of nodes, however many lines say `…`. */
export function treesMatch(expected: readonly TextNode[], actual: readonly TextNode[]): boolean {
  // Of the expected ones from the last backwards: whether they match the actual ones from each place on.
  let rest = actual.map(() => false).concat(true);
  for (let i = expected.length - 1; i >= 0; i -= 1) {
    const { label, children } = expected[i]!;
    const from: boolean[] = rest.map(() => false);
    for (let j = actual.length; j >= 0; j -= 1) {
      const node = actual[j];
      if (label === ANYTHING) from[j] = rest[j]! || (from[j + 1] ?? false);
      else from[j] = node !== undefined && node.label === label && rest[j + 1]! && treesMatch(children, node.children);
    }
    rest = from;
  }
  return rest[0]!;
}

export function hasWildcard(nodes: readonly TextNode[]): boolean {
  return nodes.some(({ label, children }) => label === ANYTHING || hasWildcard(children));
}

/** The one form in which two trees can be laid side by side. */
export function drawTree(nodes: readonly TextNode[], indent = '', top = true): string[] {
  return nodes.flatMap(({ label, children }, at) => {
    const last = at === nodes.length - 1;
    const branch = top ? '' : `${indent}${last ? '└─ ' : '├─ '}`;
    return [branch + label, ...drawTree(children, top ? '' : `${indent}${last ? '   ' : '│  '}`, false)];
  });
}
