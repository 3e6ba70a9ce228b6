import { describe, expect, test } from 'vitest';
import { binomial, percent, wilson } from './statistics.ts';

describe('intervals', () => {
  test.each([
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [3000, 3000, 0.99872, 1],
    [753, 753, 0.99492, 1],
  ])('the Wilson interval of %i in %i is %f to %f', (hits, n, low, high) => {
    expect(wilson(hits, n).low).toBeCloseTo(low, 4);
    expect(wilson(hits, n).high).toBeCloseTo(high, 4);
  });

  test('of no draws nothing is known', () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });

  test('ten per cent of 10,000 lie within 0.59 points', () => {
    expect(binomial(0.1, 10_000).low).toBeCloseTo(0.0941, 4);
    expect(binomial(0.1, 10_000).high).toBeCloseTo(0.1059, 4);
  });

  test('a share short of all is never shown as all', () => {
    expect(percent(0.99999)).toBe('99.99 %');
    expect(percent(1)).toBe('100.00 %');
  });
});
