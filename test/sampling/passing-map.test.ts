import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PassingMap } from '../../src/sampling/passing-map.ts';

test('what passed through leaves next to nothing behind, which is not true of a Map', () => {
  const grown = (kind: string): number =>
    Number(
      execFileSync(
        process.execPath,
        [
          '--disable-warning=ExperimentalWarning',
          '--max-semi-space-size=1',
          join(import.meta.dirname, 'fixtures/passing.ts'),
          kind,
        ],
        { encoding: 'utf8' },
      ),
    );
  const [passing, map] = [grown('passing'), grown('map')];
  expect(map - passing, 'MiB').toBeGreaterThan(8);
});

test('entries stay in their order, and none is lost when the map is made anew', () => {
  const map = new PassingMap<number, number>();
  for (let i = 0; i < 5_000; i++) {
    map.set(i, i);
    if (i >= 10 && i !== 2_500) expect(map.delete(i - 10)).toBe(true);
  }
  expect(map.delete(0)).toBe(false);
  expect([...map.values()]).toEqual([2_490, 4_990, 4_991, 4_992, 4_993, 4_994, 4_995, 4_996, 4_997, 4_998, 4_999]);
  expect(map.get(2_490)).toBe(2_490);
  expect(map.size).toBe(11);
  map.clear();
  expect(map.size).toBe(0);
});
