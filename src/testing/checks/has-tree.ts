// Do the spans make the tree that the test has written down.
import { type SpanTreeOptions, spanTree } from '../span-tree.ts';
import type { TestSpan } from '../test-span.ts';
import { lineDiff } from './line-diff.ts';
import { drawTree, hasWildcard, parseTree, treesMatch } from './tree-match.ts';
import { indent, type Verdict } from './verdict.ts';

/** Lines that are compared line by line; of more, both texts are shown one after the other. */
const MOST_LINES = 400;

/** @param options of `spanTree`; durations and services are off unless asked for */
export function hasSpanTree(spans: readonly TestSpan[], text: string, options: SpanTreeOptions = {}): Verdict {
  const printed = spanTree(spans, { durations: false, services: false, ...options });
  const [wanted, actual] = [parseTree(text), parseTree(printed)];
  const lines = [drawTree(wanted), drawTree(actual)] as const;
  return {
    pass: treesMatch(wanted, actual),
    problem: () => {
      if (spans.length === 0) return 'There is no span at all.';
      if (hasWildcard(wanted) || lines[0].length + lines[1].length > MOST_LINES) {
        return `The spans do not make this tree:\n${indent(lines[0])}\nThey make:\n${indent(lines[1])}`;
      }
      return `The spans do not make this tree (- expected, + found):\n${lineDiff(...lines).join('\n')}`;
    },
    inverse: () => `The spans make this tree:\n${indent(lines[1])}`,
    actual: lines[1].join('\n'),
    expected: lines[0].join('\n'),
  };
}
