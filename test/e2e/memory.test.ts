// The floods of the harness in short, on the built package: all in one process, and one with hardly any limit.
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { BOUND_MB, bounded, floods, hardlyAny, small, weigh } from '../harness/phase-memory.ts';
import { long } from '../support/long.ts';

const script = join(import.meta.dirname, '../harness/service/floods.mjs');

// `npm test` has test/sampling/floods.test.ts, in one process.
describe.runIf(long)('as RSS of a process', () => {
  test.concurrent('floods of undecided traces do not make the process grow', { timeout: 120_000 }, async () => {
    const weighed = await weigh(script, floods, small);
    expect(bounded(weighed), JSON.stringify(weighed)).toBe(true);
  });

  test.concurrent('with hardly any limit they do, or the question could not be failed', {
    timeout: 120_000,
  }, async () => {
    const { before, most, held } = await weigh(script, ['large attributes'], hardlyAny);
    expect(most - before).toBeGreaterThan(2 * BOUND_MB);
    expect(held.bytes).toBeGreaterThan(10 * small.bufferMb * 2 ** 20);
  });
});
