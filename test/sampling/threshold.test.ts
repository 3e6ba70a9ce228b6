import { expect, test } from 'vitest';
import { parseThreshold, randomnessOf, thresholdOf, weightOf } from '../../src/sampling/threshold.ts';
import { random } from './keeper-rig.ts';

// Ratio, and what OTEP 235 writes for it.
test.each([
  [1, '0'],
  [2, '0'],
  [0.9999999, '0'],
  [0.5, '8'],
  [0.25, 'c'],
  [0.1, 'e666'],
  [0.01, 'fd70a'],
  [0.001, 'ffbe77'],
  [0, undefined],
  [-1, undefined],
  [Number.NaN, undefined],
])('%f is written as %s', (ratio, text) => {
  expect(thresholdOf(ratio).text).toBe(text);
});

test('a written threshold reads as what it is decided by, and weighs what the ratio says', () => {
  const next = random(5);
  for (let i = 0; i < 2000; i++) {
    const ratio = 10 ** (-6 * next());
    const { value, text } = thresholdOf(ratio);
    expect(parseThreshold(text)).toBe(value);
    expect(Math.abs(weightOf(value) * ratio - 1)).toBeLessThan(0.002);
  }
});

test.each(['', 'g', 'E666', '-1', '0x1', '1.5', '123456789012345', ' e666', undefined])(
  '%j is no threshold',
  (text) => {
    expect(parseThreshold(text)).toBeUndefined();
  },
);

test('14 digits are read', () => {
  expect(parseThreshold('ffffffffffffff')).toBeLessThan(1);
  expect(parseThreshold('80000000000000')).toBe(0.5);
});

test('randomness is the last 56 bits of the id, or what the trace says', () => {
  const id = `${'f'.repeat(18)}80000000000000`;
  expect(randomnessOf(id)).toBe(0.5);
  expect(randomnessOf(id, '40000000000000')).toBe(0.25);
  for (const rv of ['4', '4000000000000', '400000000000000', '4000000000000G']) expect(randomnessOf(id, rv)).toBe(0.5);
});
