import { describe, expect, test } from 'vitest';
import { noSampling } from '../../src/sampling/sampling-stats.ts';
import { mixedGates, stormGate } from './phase-extrapolation.ts';
import type { CountedAnswer } from './service/counted.ts';

/** One in ten of the normal requests, times `share`, and each of the others. */
const service = (ok: number, share = 1, rest: Partial<CountedAnswer> = {}): CountedAnswer => ({
  handled: { ok, error: 700, slow: 100 },
  exported: { ok: { 'ot=th:e666': Math.round(ok * 0.1 * share) }, error: { 'ot=th:0': 700 }, slow: { 'ot=th:0': 100 } },
  calls: 0,
  lost: 0,
  sampling: noSampling(),
  seconds: 10,
  ...rest,
});
const verdicts = (...answers: CountedAnswer[]) => mixedGates(answers).map(({ ok }) => ok);

describe('of single services', () => {
  test('2 % is asked where it is 3.5 standard errors or more', () => {
    expect(verdicts(service(360_000, 1.015))).toEqual([true, true]);
    expect(verdicts(service(360_000), service(360_000, 0.975))).toEqual([false, true]);
    expect(mixedGates([service(360_000)])[0]?.says).toContain('2 % asked of each');
  });

  test('less is asked where chance alone breaks 2 %, and not nothing', () => {
    expect(verdicts(service(20_000, 1.025))).toEqual([true, true]);
    expect(verdicts(service(20_000, 1.12))).toEqual([false, true]);
  });

  test('one error, one slow request or one span less is seen', () => {
    const { exported } = service(20_000);
    expect(verdicts(service(20_000, 1, { exported: { ...exported, error: { 'ot=th:0': 699 } } }))[1]).toBe(false);
    expect(verdicts(service(20_000, 1, { exported: { ...exported, slow: { 'ot=th:0': 99, '': 1 } } }))[1]).toBe(false);
    expect(verdicts(service(20_000, 1, { lost: 1 }))[1]).toBe(false);
  });

  test('without an error or a slow request nothing is proven', () => {
    const { exported } = service(20_000);
    const handled = { ok: 20_000, error: 0, slow: 100 };
    expect(verdicts(service(20_000, 1, { handled, exported: { ...exported, error: {} } }))[1]).toBe(false);
  });
});

describe('of a storm', () => {
  const storm = (spans: number, throttled = 150_000): boolean =>
    stormGate({
      ...service(0),
      handled: { ok: 0, error: 200_000, slow: 0 },
      exported: { ok: {}, error: { 'ot=th:e666': spans }, slow: {} },
      sampling: { ...noSampling(), throttled },
    }).ok;

  test('the weights are held to 5 %, once there is a storm', () => {
    expect([storm(20_000), storm(20_900), storm(21_200), storm(18_800)]).toEqual([true, true, false, false]);
    expect(storm(20_000, 10_000)).toBe(false);
  });
});
