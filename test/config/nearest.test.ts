import { expect, test } from 'vitest';
import { editDistance, nearest } from '../../src/config/nearest.ts';

test.each([
  ['kitten', 'sitting', 3],
  ['abc', 'acb', 1],
  ['', 'abc', 3],
  ['same', 'same', 0],
])('%s and %s are %i edits apart', (a, b, distance) => {
  expect(editDistance(a, b)).toBe(distance);
  expect(editDistance(b, a)).toBe(distance);
});

test('a short word is allowed one edit, a long one a quarter of its letters', () => {
  expect(nearest('htp', ['http', 'pg'])).toBe('http');
  expect(nearest('xyz', ['http', 'pg'])).toBeUndefined();
  expect(nearest('always_onn', ['always_on', 'always_off'])).toBe('always_on');
  expect(nearest('parentbasd_traceidrati', ['traceidratio', 'parentbased_traceidratio'])).toBe(
    'parentbased_traceidratio',
  );
});
