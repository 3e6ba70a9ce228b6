import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutations } from './mutations.ts';

const src = join(import.meta.dirname, '../../src');

// Whether a row is missed then is seen by `npm run faults -- --mutate all`.
test.each(Object.entries(mutations))('the mutation %s finds what it changes', (_, { edits }) => {
  const missed = edits.filter(([file, pattern]) => !new RegExp(pattern).test(readFileSync(join(src, file), 'utf8')));
  expect(missed).toEqual([]);
});
