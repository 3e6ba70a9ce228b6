import { expect, test } from 'vitest';
import { DecisionCache } from '../../src/sampling/decision-cache.ts';

test('the one decided longest ago goes first, and a new decision makes it young again', () => {
  const cache = new DecisionCache<number>(3);
  for (const id of ['a', 'b', 'c']) cache.set(id, 1);
  cache.set('a', 2);
  cache.set('d', 1);
  expect(['a', 'b', 'c', 'd'].map((id) => cache.get(id))).toEqual([2, undefined, 1, 1]);
  expect(cache.size).toBe(3);
});

test('it stays bounded by itself', () => {
  const cache = new DecisionCache<number>();
  for (let i = 0; i < 50_000; i++) cache.set(`${i}`, i);
  expect([cache.size, cache.get('49999'), cache.get('29999')]).toEqual([20_000, 49_999, undefined]);
});
