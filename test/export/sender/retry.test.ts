import { describe, expect, test } from 'vitest';
import { defaultLimits } from '../../../src/export/limits.ts';
import { backoffMs, parseRetryAfter, spreadMs } from '../../../src/export/sender/retry.ts';

const wall = Date.parse('2026-11-21T12:00:00Z');

describe('Retry-After', () => {
  test.each([
    ['5', 5_000],
    [' 60 ', 60_000],
    ['0', 1_000],
    ['301', 300_000],
    ['999999999999999999999', 300_000],
    ['Sat, 21 Nov 2026 12:00:30 GMT', 30_000],
    ['Saturday, 21-Nov-26 12:00:30 GMT', 30_000],
    ['Sat, 21 Nov 2026 11:00:00 GMT', 1_000],
    ['Sat, 21 Nov 2099 11:00:00 GMT', 300_000],
  ])('%j is a wait of %i ms', (value, ms) => {
    expect(parseRetryAfter(value, defaultLimits, wall)).toBe(ms);
  });

  test.each([undefined, '', '-1', '1.5', '1e9', 'soon', 'Infinity', '0x10', 'Sat, 99 Xyz', '2026-11-21T12:00:30Z'])(
    '%j says nothing',
    (value) => {
      expect(parseRetryAfter(value, defaultLimits, wall)).toBeUndefined();
    },
  );
});

describe('back-off', () => {
  test('doubles from 1 s to a cap of 30 s', () => {
    expect([1, 2, 3, 4, 5, 6, 7, 5_000].map((failures) => backoffMs(failures, 'http_503', defaultLimits, 1))).toEqual([
      1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000,
    ]);
  });

  test('is jittered by half, so that a fleet does not return in one instant', () => {
    expect(backoffMs(3, 'http_503', defaultLimits, 0)).toBe(2_000);
    expect(backoffMs(3, 'http_503', defaultLimits, 0.5)).toBe(3_000);
  });

  test('asks every few seconds while nobody is there, whom it could burden', () => {
    expect([1, 2, 3, 4, 5_000].map((failures) => backoffMs(failures, 'ECONNREFUSED', defaultLimits, 1))).toEqual([
      1_000, 2_000, 3_000, 3_000, 3_000,
    ]);
  });

  test('a time that the server named to a whole fleet is spread, and never shortened', () => {
    expect([spreadMs(60_000, defaultLimits, 0), spreadMs(60_000, defaultLimits, 1)]).toEqual([60_000, 66_000]);
    expect([spreadMs(290_000, defaultLimits, 0), spreadMs(290_000, defaultLimits, 1)]).toEqual([290_000, 300_000]);
  });

  test('a time beyond the cap is spread below it', () => {
    expect([spreadMs(300_000, defaultLimits, 0), spreadMs(300_000, defaultLimits, 1)]).toEqual([270_000, 300_000]);
  });
});
