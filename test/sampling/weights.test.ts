// What is exported extrapolates to what happened: all requests within 2 %, errors exactly, or within 5 % when throttled.
import { SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { parseThreshold, weightOf } from '../../src/sampling/threshold.ts';
import { balance, caller, fail, random, rig, th } from './keeper-rig.ts';

/** As a backend does it: by the threshold of the span, and a span without one counts for nothing. */
function extrapolate(spans: ReadableSpan[]): number {
  return spans.reduce((sum, span) => sum + (th(span) === undefined ? 0 : weightOf(parseThreshold(th(span)) ?? 1)), 0);
}

function run(options: Parameters<typeof rig>[0], errorShare: number, perSecond: number) {
  const r = rig({ ratio: 0.1, ...options });
  const next = random(21);
  const n = 60_000;
  let errors = 0;
  for (let i = 0; i < n; i++) {
    r.clock.ms = (i / perSecond) * 1000;
    const root = r.start('GET /');
    if (next() < errorShare) {
      errors++;
      fail(root);
    } else root.end();
  }
  const failed = r.emitted.filter(({ status }) => status.code === SpanStatusCode.ERROR);
  return { r, n, errors, all: extrapolate(r.emitted), failed: extrapolate(failed), kept: r.emitted.length };
}

test('unthrottled: the total within 2 %, errors exactly', () => {
  const { r, n, errors, all, failed, kept } = run({ seed: 12 }, 0.03, 500);
  expect(failed).toBe(errors);
  expect(Math.abs(all / n - 1)).toBeLessThan(0.02);
  // Not by keeping more: a tenth of what is left, and the errors.
  expect(Math.abs((kept - errors) / (n - errors) - 0.1)).toBeLessThan(0.005);
  expect(balance(r)).toBe(0);
});

test('throttled: errors within 5 %', () => {
  const { r, errors, failed } = run({ seed: 13, keepBudget: 60 }, 0.6, 500);
  expect(r.keeper.stats().throttled).toBeGreaterThan(errors / 2);
  expect(Math.abs(failed / errors - 1)).toBeLessThan(0.05);
  expect(balance(r)).toBe(0);
});

test('processes that are over their budgets at once keep the same traces', () => {
  const rigs = [rig({ keepBudget: 5 }), rig({ keepBudget: 5, head: 'always_off' })];
  const next = random(2);
  for (let i = 0; i < 2000; i++) {
    const traceId = Array.from({ length: 32 }, () => Math.floor(next() * 16).toString(16)).join('');
    for (const r of rigs) {
      r.clock.ms = i;
      fail(r.start('GET /', caller(traceId, 0)));
    }
  }
  const [a, b] = rigs.map((r) => r.emitted.map((span) => span.spanContext().traceId));
  expect(a).toEqual(b);
  expect(a?.length).toBeLessThan(100);
});
