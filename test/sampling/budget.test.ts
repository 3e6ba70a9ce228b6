import { expect, test } from 'vitest';
import { KeepBudget } from '../../src/sampling/budget.ts';
import { random } from './keeper-rig.ts';

function kept(perSecond: number, rate: number, seconds: number, seed = 1): { kept: number; weight: number } {
  const clock = { ms: 0 };
  const budget = new KeepBudget(perSecond, () => clock.ms);
  const next = random(seed);
  let [count, weight] = [0, 0];
  for (let i = 0; i < rate * seconds; i++) {
    clock.ms = (i / rate) * 1000;
    const { value } = budget.observe();
    if (next() < value) continue;
    count++;
    weight += 1 / (1 - value);
  }
  return { kept: count, weight };
}

test('below the budget everything is kept at weight 1', () => {
  expect(kept(100, 99, 10)).toEqual({ kept: 990, weight: 990 });
});

test.each([200, 1000, 5000])('at %i a second it is kept within a fifth, and the weights add up', (rate) => {
  const result = kept(100, rate, 60);
  expect(result.kept).toBeLessThanOrEqual(1.2 * 6000);
  expect(result.kept).toBeGreaterThanOrEqual(0.8 * 6000);
  expect(Math.abs(result.weight / (rate * 60) - 1)).toBeLessThan(0.05);
});

test('a new second brings no free burst while the storm goes on', () => {
  const clock = { ms: 0 };
  const budget = new KeepBudget(10, () => clock.ms);
  for (let i = 0; i < 1000; i++) budget.observe();
  clock.ms = 1001;
  expect(budget.observe().value).toBeGreaterThan(0.98);
  clock.ms = 1999;
  expect(budget.observe().value).toBe(0);
});

test('a pause ends it', () => {
  const clock = { ms: 0 };
  const budget = new KeepBudget(10, () => clock.ms);
  for (let i = 0; i < 1000; i++) budget.observe();
  clock.ms = 2500;
  expect(budget.observe()).toEqual({ value: 0, text: '0' });
});

test('without a limit there is none', () => {
  const budget = new KeepBudget(undefined, () => 0);
  for (let i = 0; i < 1000; i++) budget.observe();
  expect(budget.observe()).toEqual({ value: 0, text: '0' });
});
