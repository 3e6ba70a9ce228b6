import { expect, test } from 'vitest';
import { admits, decide } from '../../src/sampling/decide.ts';
import { OwnTriggers } from '../../src/sampling/own-triggers.ts';

// Evidence, and the decision: a weight is claimed by our own rule only.
test.each([
  [{ head: false }, { keep: false }],
  [
    { head: true, headThreshold: 'e666' },
    { keep: true, reason: 'head', threshold: 'e666' },
  ],
  [{ head: true }, { keep: true, reason: 'flag', threshold: undefined }],
  [
    { head: false, forced: 'error', ownThreshold: '0' },
    { keep: true, reason: 'error', threshold: '0' },
  ],
  [
    { head: true, headThreshold: 'e666', forced: 'slow', ownThreshold: '0' },
    { keep: true, reason: 'slow', threshold: '0' },
  ],
  [
    { head: false, forced: 'response' },
    { keep: true, reason: 'response', threshold: undefined },
  ],
] as const)('%j', (evidence, decision) => {
  const nothing = { head: false, headThreshold: undefined, forced: undefined, ownThreshold: undefined };
  expect(decide({ ...nothing, ...evidence })).toEqual(decision);
});

// Randomness, budget threshold, head threshold of a trace that the head kept.
test.each([
  [0.95, 0.9, undefined, true],
  [0.5, 0.9, undefined, false],
  [0.9, 0.9, undefined, true],
  [0.5, 0.9, 0.4, true],
  [0.5, 0, 0.9, true],
])('a trace at %f with the budget at %f and the head at %s is let through: %s', (r, budget, head, expected) => {
  expect(admits(r, budget, head)).toBe(expected);
});

test('over the budget, what the head kept stands under the head`s threshold', () => {
  const triggers = new OwnTriggers(1, undefined, () => 0);
  expect(triggers.admit(0, undefined)).toBe('0');
  expect(triggers.admit(0.99, undefined)).toBe('8');
  expect(triggers.admit(0.3, undefined)).toBeUndefined();
  // The rate is 4, so that the budget is at 0.75 and the head at 0.5 is the wider.
  expect(triggers.admit(0.6, '8')).toBe('8');
  expect(triggers.counts).toMatchObject({ triggered: 4, throttled: 1 });
});
