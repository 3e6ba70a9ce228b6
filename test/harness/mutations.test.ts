import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutations } from './mutations.ts';

const root = join(import.meta.dirname, '../..');

// A process that is mutated says so as well, but only when someone runs the long harness.
test.each(Object.entries(mutations))('the mutation %s finds what it changes', (_, { edits }) => {
  for (const format of ['esm', 'cjs']) {
    const built = readFileSync(join(root, `dist/${format}/init-tracing.js`), 'utf8');
    expect(edits.filter(([pattern]) => !pattern.test(built)).map(([pattern]) => pattern.source)).toEqual([]);
  }
});
