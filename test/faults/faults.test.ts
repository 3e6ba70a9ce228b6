// The goal rows in their short profile: real processes, waits a twentieth as long, the law of conservation in every row.
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Setting } from './emit.ts';
import type { Outcome } from './row.ts';
import { rows } from './rows.ts';
import { pool, runVariant } from './run-row.ts';

const setting: Setting = {
  profile: 'short',
  sdk: 'keeptrace',
  timeScale: 1 / 20,
  protocol: process.env.FAULTS_PROTOCOL === 'json' ? 'http/json' : 'http/protobuf',
  from: join(import.meta.dirname, '../../package.json'),
};
/** Emitters mostly wait, so there can be more of them than cores. */
const AT_ONCE = 8;

const all = rows.flatMap((row) =>
  row.variants.filter(({ fullOnly }) => !fullOnly).map((variant) => ({ row, variant })),
);
const chosen = all.filter(({ row }) => !process.env.FAULTS_ROW || process.env.FAULTS_ROW === row.id);
const outcomes = new Map<unknown, Outcome | { error: unknown }>();

beforeAll(async () => {
  const run = async ({ row, variant }: (typeof all)[number]) => {
    const outcome = await runVariant(row, variant, setting).catch((error: unknown) => ({ error }));
    outcomes.set(variant, outcome);
  };
  const some = (quiet: boolean) => chosen.filter(({ variant }) => (variant.quiet === true) === quiet);
  const together = (those: typeof all, width: number) =>
    pool(
      those.map((one) => () => run(one)),
      width,
    );
  await together(some(true), 2);
  await together(some(false), AT_ONCE);
}, 180_000);

describe.each(rows.filter((row) => chosen.some((one) => one.row === row)))('$id: $goal', (row) => {
  for (const { variant } of chosen.filter((one) => one.row === row)) {
    test(variant.name, () => {
      const outcome = outcomes.get(variant);
      if (!outcome || 'error' in outcome) throw outcome?.error;
      const missed = outcome.gates.filter(({ ok }) => !ok).map(({ says }) => says);
      expect(missed, outcome.ours?.stderr).toEqual([]);
    });
  }
});
