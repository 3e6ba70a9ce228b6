import { expect, test } from 'vitest';
import { DecisionCache } from '../../src/sampling/decision-cache.ts';

test('the ones decided longest ago go first, and a new decision makes one young again', () => {
  const cache = new DecisionCache<number>(4);
  for (const id of ['a', 'b', 'c']) cache.set(id, 1);
  cache.set('a', 2);
  for (const id of ['d', 'e']) cache.set(id, 1);
  expect(['a', 'b', 'c', 'd', 'e'].map((id) => cache.get(id))).toEqual([2, undefined, 1, 1, 1]);
});

test('a decision that changes counts once, and the new one holds', () => {
  const cache = new DecisionCache<string>(4);
  for (let i = 0; i < 10; i++) cache.set('same', `${i}`);
  expect([cache.size, cache.get('same')]).toEqual([1, '9']);
});

test('it stays bounded by itself, and knows at least the latest ten thousand', () => {
  const cache = new DecisionCache<number>();
  let most = 0;
  for (let i = 0; i < 55_000; i++) {
    cache.set(`${i}`, i);
    most = Math.max(most, cache.size);
  }
  expect(most).toBe(20_000);
  expect(cache.get('54999')).toBe(54_999);
  expect(cache.get('45000')).toBe(45_000);
  expect(cache.get('34999')).toBeUndefined();
});
