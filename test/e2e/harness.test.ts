// The short profile of the fault harness: see test/harness/, and `npm run harness` for the full one.
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Install, installPackage } from '../harness/install.ts';
import { runShort, type ShortRun } from '../harness/profile-short.ts';
import { freshSeed } from '../harness/random.ts';
import { faultTable, gateLines } from '../harness/report.ts';

let install: Install;
let run: ShortRun;

beforeAll(async () => {
  install = installPackage(process.env.HARNESS_LINK === 'true');
  run = await runShort({ install, seed: process.env.HARNESS_SEED ?? freshSeed() });
}, 180_000);
afterAll(() => install?.remove());

/** What failed, and how to see it again. */
const missed = (...ids: string[]) => {
  const gates = run.gates.filter(({ id, ok }) => ids.includes(id) && !ok);
  return gates.length === 0 ? '' : `${gateLines(gates)}\n\nHARNESS_SEED=${run.seed}\n${faultTable([run.main])}`;
};

test('every fragment that saw an error or was slow is exported or counted, and the books add up', () => {
  expect(missed('G1')).toBe('');
});

test('nothing is exported twice or without its parent, and no request fails that was not meant to', () => {
  expect(missed('clean')).toBe('');
});

test('the path from the entry to the failure is kept for every synchronous error', () => {
  expect(missed('G2')).toBe('');
});

test('what a slow or failed service calls from then on is kept as well', () => {
  expect(missed('clock', 'flag')).toBe('');
});

test('of the traces without a fault one in ten is kept, whole, and none for another reason', () => {
  expect(missed('G7')).toBe('');
});

test('the exported weights tell how many requests and how many errors each service had', () => {
  expect(missed('G8')).toBe('');
});

test('plain head sampling, and keeping without the signal, fail the same question', () => {
  expect(missed('control')).toBe('');
  expect(run.controls).toHaveLength(2);
});
