import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { mutations } from './mutations.ts';

const root = join(import.meta.dirname, '../..');

// A process that is mutated says so as well, but only when someone runs the long harness.
test.each(Object.entries(mutations))('the mutation %s finds what it changes', (_, { edits }) => {
  for (const format of ['esm', 'cjs']) {
    const folder = join(root, 'dist', format);
    const files = readdirSync(folder).filter((name) => name.endsWith('.js'));
    const built = files.map((name) => readFileSync(join(folder, name), 'utf8'));
    const missed = edits.filter(([pattern]) => !built.some((text) => pattern.test(text)));
    expect(missed.map(([pattern]) => pattern.source)).toEqual([]);
  }
});
