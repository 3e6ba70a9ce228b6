import { createRequire } from 'node:module';
import { expect, test } from 'vitest';
import { satisfies } from '../../../../src/cli/doctor/run/satisfies.ts';

const semver = createRequire(import.meta.url)('semver') as { satisfies(version: string, range: string): boolean };

const ranges = [
  '*', '>=5.14.0 <11', '>=4.0.0 <6', '^3.1.0', '^0.2.3', '^0.0.3', '^0', '~1.2.3', '~1.2', '~1', '1.x', '8.2.x', '8', '>=2.0.0',
  '>=8.0.3 <9', '>1', '>1.2', '<=2', '<2.0.0', '=1.2.3', '1.2.3 - 2.3.4', '>= 4.17.0 < 5', '^2.0.0 || ^4.1.0', '>=3 <4 || 5.1.x',
]; // biome-ignore format: a list
const versions = [
  '0.0.3',
  '0.2.3',
  '0.2.9',
  '0.3.0',
  '1.0.0',
  '1.2.3',
  '1.2.9',
  '1.3.0',
  '2.0.0',
  '2.3.4',
  '2.3.5',
  '3.1.0',
  '4.17.1',
  '5.1.7',
  '5.14.0',
  '8.0.2',
  '8.2.5',
  '8.23.1',
  '9.0.0',
  '10.4.0',
  '11.0.0',
];

test.each(ranges)('what is inside %s is what npm says', (range) => {
  const inside = (of: typeof satisfies) => versions.filter((version) => of(version, range));
  expect(inside(satisfies)).toEqual(inside(semver.satisfies));
});

test('a version or a range that cannot be read is no reason to complain', () => {
  expect(satisfies('workspace', '^1.0.0')).toBe(true);
  expect(satisfies('1.0.0', 'latest')).toBe(true);
  expect(satisfies('99.0.0-rc.1', '<11')).toBe(false);
});
