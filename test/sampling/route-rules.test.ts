import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type RouteRule, ruleOf } from '../../src/sampling/route-rules.ts';
import { caller, fail, flag, idWith, rig } from './keeper-rig.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const rules: RouteRule[] = [
  { path: '/a', slowMs: 1 },
  { path: '/a/*', slowMs: 2 },
  { path: '/*', slowMs: 3 },
];

// Path, and the limit of the first rule that fits.
test.each([
  ['/a', 1],
  ['/a/b', 2],
  ['/ab', 3],
  ['', undefined],
  [undefined, undefined],
  [7, undefined],
])('%j falls under the rule with %s', (path, slowMs) => {
  expect(ruleOf(rules, path)?.slowMs).toBe(slowMs);
});

const routes: RouteRule[] = [
  { path: '/stream', slowMs: 'off' },
  { path: '/quick', slowMs: 100 },
  { path: '/pay', keep: 'always' },
  { path: '/noise', keep: 'never' },
];
const at = (path: string) => ({ 'url.path': path });

test('a route has its own limit, or none', () => {
  const r = rig({ routes });
  for (const path of ['/stream', '/quick', '/noise', '/other']) r.start(path, undefined, at(path));
  r.pass(150);
  expect(r.keeper.stats().kept).toEqual({ slow: 1 });
  r.pass(5000);
  expect(r.keeper.stats().kept).toEqual({ slow: 2 });
});

test('always: sampled from its first span on, counted as kept by hand', () => {
  const r = rig({ routes });
  const root = r.start('GET /pay', undefined, at('/pay'));
  expect(flag(root)).toBe(1);
  expect(flag(r.child(root))).toBe(1);
  root.end();
  expect(r.keeper.stats()).toMatchObject({ triggered: 1, exported: 1, kept: { manual: 1 } });
});

test('never: no error of it or of its children, none that is late, and not by hand', () => {
  const r = rig({ routes });
  const root = r.start('GET /noise', undefined, at('/noise'));
  const late = r.child(root);
  fail(r.child(root));
  r.keeper.trigger(root.spanContext().traceId, 'manual');
  fail(root);
  r.pass(1030);
  fail(late);
  expect(r.keeper.stats()).toMatchObject({ triggered: 0, kept: {}, dropped: 1 });
});

test('never: the head and other processes are still heard', () => {
  const r = rig({ routes, ratio: 1 });
  r.start('head', undefined, at('/noise')).end();
  const told = r.start('told', caller(idWith(0.5), 0), at('/noise'));
  r.keeper.trigger(told.spanContext().traceId, 'response');
  told.end();
  expect(r.names()).toEqual(['head', 'told']);
});

test.each([
  ['/noise', '/other'],
  ['/other', '/noise'],
])('never: of one trace at %s and %s the other is heard', (...paths) => {
  const r = rig({ routes });
  const roots = paths.map((path) => r.start(path, caller(idWith(0.5), 0), at(path)));
  for (const root of roots) fail(root);
  expect(r.names().sort()).toEqual(['/noise', '/other']);
});
