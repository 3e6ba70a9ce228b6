import { expect, test } from 'vitest';
import { exportedSpan, flip, sampledSpan } from '../../src/sampling/exported-span.ts';
import { caller, flag, idWith, rig, th } from './keeper-rig.ts';

const kept = { reason: 'error', threshold: '0', partial: false, serviceName: 'shop' } as const;

test('the exported span is sampled and weighs; the span itself stays as it was on the wire', () => {
  const r = rig();
  const span = r.start('GET /', caller(idWith(0.5), 0, 'ot=th:e666;rv:00000000000001,vendor=a'));
  span.end();
  const exported = exportedSpan(span, kept);
  expect([flag(exported), exported.spanContext().traceState?.serialize()]).toEqual([
    1,
    'ot=th:0;rv:00000000000001,vendor=a',
  ]);
  expect([flag(span), th(span)]).toEqual([0, undefined]);
  expect(exported).toMatchObject({ name: 'GET /', kind: span.kind, duration: span.duration, ended: true });
  expect(exported.spanContext()).toBe(exported.spanContext());
});

// Threshold, and the weight on a local root.
test.each([
  ['0', 1],
  ['8', 2],
  ['e666', 10],
  [undefined, undefined],
])('under %s a local root weighs %s', (threshold, weight) => {
  const r = rig();
  const root = r.start('GET /');
  const child = r.child(root);
  const { attributes } = exportedSpan(root, { ...kept, threshold, partial: true });
  if (weight === undefined) expect(attributes).not.toHaveProperty('keeptrace.weight');
  else expect(Math.round(Number(attributes['keeptrace.weight']) * 100) / 100).toBe(weight);
  expect(attributes).toMatchObject({ 'keeptrace.reason': 'error', 'sampling.priority': 1, 'keeptrace.partial': true });
  expect(Object.keys(exportedSpan(child, { ...kept, threshold, partial: true }).attributes).sort()).toEqual([
    'keeptrace.reason',
    'sampling.priority',
  ]);
});

test('flipping is done in place, once, and only removes the threshold', () => {
  const r = rig();
  const span = r.start('GET /', caller(idWith(0.5), 0, 'vendor=a'));
  const context = span.spanContext();
  flip(span);
  expect(span.spanContext()).toBe(context);
  expect([context.traceFlags, context.traceState?.serialize()]).toEqual([1, 'vendor=a']);
  const chosen = rig({ ratio: 1 }).start('GET /');
  flip(chosen);
  expect(th(chosen)).toBe('0');
});

test('a span without the flag gets it for the exporter, and no reason', () => {
  const span = rig().start('GET /');
  const view = sampledSpan(span, 'e666');
  expect([flag(view), th(view), Object.keys(view.attributes), flag(span)]).toEqual([1, 'e666', [], 0]);
});
