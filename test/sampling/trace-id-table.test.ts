import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { TraceIdTable } from '../../src/sampling/trace-id-table.ts';

const ids = Array.from({ length: 10_000 }, () => randomBytes(16).toString('hex'));

test('a full table knows each of its ids, and no other', () => {
  const table = new TraceIdTable<number>(ids.length);
  for (const [n, id] of ids.entries()) table.set(id, n);
  expect(table.size).toBe(ids.length);
  expect(ids.findIndex((id, n) => table.get(id) !== n)).toBe(-1);
  expect(table.get(randomBytes(16).toString('hex'))).toBeUndefined();
});

test.each([0, 7, 8, 15, 16, 31])('ids that differ in digit %i alone are two', (digit) => {
  const table = new TraceIdTable<string>(4);
  const one = ids[0]!;
  const other = `${one.slice(0, digit)}${one[digit] === '0' ? '1' : '0'}${one.slice(digit + 1)}`;
  table.set(one, 'one');
  expect(table.has(other)).toBe(false);
  table.set(other, 'other');
  expect([table.get(one), table.get(other), table.size]).toEqual(['one', 'other', 2]);
});

test('a new value takes the place of the old one', () => {
  const table = new TraceIdTable<number>(4);
  for (const value of [1, 2, 3]) table.set(ids[0]!, value);
  expect([table.get(ids[0]!), table.size]).toEqual([3, 1]);
});

test('an emptied table knows nothing, and takes as many again', () => {
  const table = new TraceIdTable<number>(1_000);
  for (let round = 0; round < 3; round++) {
    table.clear();
    expect(table.get(ids[0]!)).toBeUndefined();
    for (const id of ids.slice(0, 1_000)) table.set(id, round);
    expect([table.size, table.get(ids[999]!)]).toEqual([1_000, round]);
  }
});
