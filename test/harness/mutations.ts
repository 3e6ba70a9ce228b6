// Breaks one mechanism of the library on purpose, in the built code as it is loaded. Each must turn gates red; one that
// does not is a hole in the harness.

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface Mutation {
  /** What is broken, as a sentence. */
  says: string;
  /** In the built files; each must match, or the mutated process does not start. */
  edits: [pattern: RegExp, replacement: string][];
  /** At least one of these gates must fail. */
  red: string[];
}

export const mutations: Record<string, Mutation> = {
  'blind-to-errors': {
    says: 'no span is taken for an error',
    edits: [[/(function isErrorSpan\([^)]*\) \{)/, '$1 return false;']],
    red: ['G1', 'G2'],
  },
  deaf: {
    says: 'what a response tells is not heard',
    edits: [[/(function readServerTiming\([^)]*\) \{)/, '$1 return false;']],
    red: ['G2'],
  },
  mute: {
    says: 'a response tells another trace than its own',
    edits: [
      [
        /(function formatServerTiming\([^)]*\) \{)/,
        '$1 return "trace;desc=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";',
      ],
    ],
    red: ['G2'],
  },
  flagless: {
    says: 'calls after a trigger do not say that the trace is kept',
    // Either of the two would do alone.
    edits: [
      [/(function flip\([^)]*\) \{)/, '$1 return;'],
      [/(const forced = )(?=fragment\?\.forced !== )/, '$1false && '],
    ],
    red: ['flag'],
  },
  timeless: {
    says: 'nothing is found slow while it runs',
    edits: [[/(kind !== "settle"\)) turned\(fragment, kind\);/, '$1 {}']],
    red: ['G1', 'clock'],
  },
  greedy: {
    says: 'every trace is chosen at the head',
    edits: [[/randomnessOf\(traceId, otValue\(state, "rv"\)\) < value/, 'false']],
    red: ['G7'],
  },
  nervous: {
    says: 'one span in a hundred is taken for an error',
    edits: [[/(function isErrorSpan\([^)]*\) \{)/, '$1 if (Math.random() < 0.01) return true;']],
    red: ['G7'],
  },
  'wrong-weight': {
    says: 'a span kept for an error carries the weight of the head',
    edits: [
      [
        /traceState: withThreshold\(context\.traceState, threshold\)/,
        'traceState: withThreshold(context.traceState, "e666")',
      ],
    ],
    red: ['G8'],
  },
  leaky: {
    says: 'one span in fifty is lost on the way to the exporter',
    edits: [[/this\.#exporter\(span\)/, 'Math.random() < 0.02 || this.#exporter(span)']],
    red: ['G1', 'clean'],
  },
  twice: {
    says: 'one span in fifty is exported twice',
    edits: [[/this\.#exporter\(span\)/, '(Math.random() < 0.02 && $&, $&)']],
    red: ['clean'],
  },
  'cooked-books': {
    says: 'some triggers are not counted',
    edits: [[/this\.counts\.triggered\+\+/, 'if (Math.random() < 0.9) this.counts.triggered++']],
    red: ['G1'],
  },
};

/** @returns the preload that applies it */
export function mutationPreload(name: string): string {
  const mutation = mutations[name];
  if (mutation === undefined) {
    throw new Error(`there is no mutation ${name}. There are: ${Object.keys(mutations).join(', ')}`);
  }
  const url = pathToFileURL(join(import.meta.dirname, 'mutate.mjs'));
  const edits = mutation.edits.map(([pattern, replacement]) => [pattern.source, replacement]);
  url.searchParams.set('edits', JSON.stringify(edits));
  return url.href;
}
