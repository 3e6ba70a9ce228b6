import { expect, test } from 'vitest';
import type { TracingOptions } from '../../src/config/options.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import type { RouteRule as SettingRule, Settings } from '../../src/config/settings.ts';
import type { RouteRule as SamplingRule } from '../../src/sampling/route-rules.ts';

const resolve = (env: Record<string, string>, options?: TracingOptions) =>
  resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop', ...env }, options });

// Environment, options, what comes out.
const rows: [env: Record<string, string>, options: TracingOptions, settings: Partial<Settings>][] = [
  [{ KEEPTRACE_KEEP_ERRORS: 'false' }, {}, { keepErrors: false }],
  [{ KEEPTRACE_SLOW_MS: '250' }, {}, { slowMs: 250 }],
  [{ KEEPTRACE_SLOW_MS: 'OFF' }, {}, { slowMs: undefined }],
  [{ KEEPTRACE_SLOW_MS: 'off' }, { slowMs: 5 }, { slowMs: 5 }],
  [{ KEEPTRACE_SLOW_MS: '250' }, { slowMs: 'off' }, { slowMs: undefined }],
  [{ KEEPTRACE_KEEP_BUDGET: '1' }, {}, { keepBudget: 1 }],
  [{ KEEPTRACE_KEEP_BUDGET: 'off' }, {}, { keepBudget: undefined }],
  [{ KEEPTRACE_BUFFER_MB: '4096' }, {}, { bufferMb: 4096 }],
  [{ KEEPTRACE_BUFFER_SPANS_PER_TRACE: '10' }, {}, { spansPerTrace: 10 }],
  [{ KEEPTRACE_RETENTION_MS: '1250' }, {}, { retentionMs: 1250 }],
  [{ KEEPTRACE_TRUST_INCOMING: 'None' }, {}, { trustIncoming: 'none' }],
  [{ KEEPTRACE_TRUST_INCOMING: ' 10.0.0.0/8 , ::1 ' }, {}, { trustIncoming: ['10.0.0.0/8', '::1'] }],
  [{ KEEPTRACE_TRUST_INCOMING: 'none' }, { trustIncoming: ['fd00::/8'] }, { trustIncoming: ['fd00::/8'] }],
  [{}, { trustIncoming: [] }, { trustIncoming: [] }],
  [{ KEEPTRACE_SLOW_DEADLINE: 'true' }, {}, { slowDeadline: true }],
  [{}, { routes: [{ path: '/a?x=1', slowMs: 'off' }] }, { routes: [{ path: '/a', slowMs: 'off' }] }],
  [
    {},
    { routes: [{ path: '/a*', slowMs: 5, keep: 'never' }] },
    { routes: [{ path: '/a*', slowMs: 5, keep: 'never' }] },
  ],
];

test.each(rows)('%j with %j gives %j', (env, options, expected) => {
  const { settings, problems } = resolve(env, options);
  expect(problems).toEqual([]);
  expect(Object.fromEntries(Object.keys(expected).map((key) => [key, settings[key as keyof Settings]]))).toEqual(
    expected,
  );
});

test('a boundary that cannot be read is a closed one, and the line says so', () => {
  const { settings, problems } = resolve({ KEEPTRACE_TRUST_INCOMING: 'gateway.internal' });
  expect(settings.trustIncoming).toBe('none');
  expect(problems[0]?.message).toContain('Now: trustIncoming is none.');
});

test('of several rules the one with a mistake is left out, and every mistake is named by its place', () => {
  const routes = [{ path: '/a' }, { path: 'b', slowMs: -1 }, { path: '/c', kepp: 'always' }];
  const { settings, problems } = resolve({}, { routes: routes as TracingOptions['routes'] });
  expect(settings.routes).toEqual([{ path: '/a' }]);
  expect(problems.map(({ origin }) => origin.name)).toEqual(['routes[1].path', 'routes[1].slowMs', 'routes[2].kepp']);
});

test('rules are copied, so that a later change in the app has no effect', () => {
  const rule: { path: string; keep: 'always' | 'never' } = { path: '/a', keep: 'always' };
  const { settings } = resolve({}, { routes: [rule] });
  rule.keep = 'never';
  expect(settings.routes).toEqual([{ path: '/a', keep: 'always' }]);
});

test('the rule of a setting is the rule that sampling takes', () => {
  const rule = { path: '/a', slowMs: 'off', keep: 'always' } as const satisfies SettingRule satisfies SamplingRule;
  const back: SettingRule = rule as SamplingRule;
  const there: SamplingRule = back;
  expect(there).toBe(rule);
});
