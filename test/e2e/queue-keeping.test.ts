// What is kept over queues: see test/harness/phase-queue.ts, which `npm run harness` runs with more requests.
import { beforeAll, expect, test } from 'vitest';
import { type QueueRun, queuePhase, queueTable } from '../harness/phase-queue.ts';
import { freshSeed } from '../harness/random.ts';
import { gateLines } from '../harness/report.ts';

const seed = process.env.HARNESS_SEED ?? freshSeed();
let run: QueueRun;
beforeAll(async () => {
  run = await queuePhase({ seed, requests: 400 });
}, 120_000);

const missed = (id: string) => {
  const gates = run.gates.filter((gate) => gate.id === id && !gate.ok);
  return gates.length === 0 ? '' : `${gateLines(gates)}\n\nHARNESS_SEED=${seed}\n${queueTable(run.rows)}`;
};

test('whoever fails is kept, and so is what it sends from then on, over one queue and over two', () => {
  expect(missed('Q1')).toBe('');
});

test('of the traces without a fault one in ten is kept, on every side of a queue the same', () => {
  expect(missed('Q2')).toBe('');
});

test('what was sent before the failure, and whoever sent it, is as the head decided', () => {
  expect(missed('Q3')).toBe('');
});

test('every fragment is in the trace of its request, once', () => {
  expect(missed('Q4')).toBe('');
});
