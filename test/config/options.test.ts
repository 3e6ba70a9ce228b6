import { describe, expect, test } from 'vitest';
import type { TracingOptions } from '../../src/config/options.ts';
import { ConfigError, throwWrongOptions } from '../../src/config/problems.ts';
import { resolveSettings } from '../../src/config/resolve.ts';

/** As plain JavaScript gives them: of any type. */
const resolve = (options: Record<string, unknown>, env: Record<string, string> = {}) =>
  resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop', ...env }, options: options as TracingOptions });

// Option, value, code, and the end of the message.
const wrong: [option: string, value: unknown, code: string, write: string][] = [
  ['sampleRatio', 5, 'KT_WRONG_OPTION', 'sampleRatio: 0.1'],
  ['sampleRatio', '0.25', 'KT_WRONG_OPTION', 'sampleRatio: 0.25'],
  ['sampleRatio', Number.NaN, 'KT_WRONG_OPTION', 'sampleRatio: 0.1'],
  ['sampler', 'ratio', 'KT_WRONG_OPTION', "sampler: 'parentbased_traceidratio'"],
  ['enabled', 'no', 'KT_WRONG_OPTION', 'enabled: false'],
  ['redact', 1, 'KT_WRONG_OPTION', 'redact: true'],
  ['serviceName', '', 'KT_WRONG_OPTION', "serviceName: 'checkout'"],
  ['serviceName', 7, 'KT_WRONG_OPTION', "serviceName: 'checkout'"],
  ['serviceName', null, 'KT_WRONG_OPTION', "serviceName: 'checkout'"],
  ['propagators', ['w3c'], 'KT_WRONG_OPTION', "propagators: ['tracecontext', 'baggage']"],
  ['propagators', 'b3', 'KT_WRONG_OPTION', "propagators: ['b3']"],
  ['ignorePaths', ['health'], 'KT_BAD_ENTRY', "ignorePaths: ['/health']"],
  ['enabledInstrumentations', ['postgres'], 'KT_UNKNOWN_VALUE', "enabledInstrumentations: ['pg']"],
  [
    'resourceAttributes',
    { a: 1 },
    'KT_WRONG_OPTION',
    "resourceAttributes: { 'team': 'payments', 'deployment.environment.name': 'staging' }",
  ],
  ['headers', { 'x-key': 'CANARY\nx' }, 'KT_WRONG_OPTION', "headers: { 'x-api-key': 'YOUR_KEY' }"],
  ['headers', { 'bad name': 'CANARY' }, 'KT_WRONG_OPTION', "headers: { 'x-api-key': 'YOUR_KEY' }"],
  ['queueSize', 1.5, 'KT_WRONG_OPTION', 'queueSize: 2048'],
  ['batchDelayMs', '5s', 'KT_WRONG_OPTION', 'batchDelayMs: 5000'],
  ['spanLimits', { attributeCount: 0 }, 'KT_WRONG_OPTION', 'attributeCount: 128'],
  ['spanLimits', { atributeCount: 5 }, 'KT_UNKNOWN_OPTION', 'spanLimits.attributeCount: …'],
  ['spool', 'spool', 'KT_BAD_PATH', "dir: '/var/spool/keeptrace'"],
  ['spool', { dir: './spool' }, 'KT_BAD_PATH', "dir: '/var/spool/keeptrace'"],
  ['spool', { dir: 5 }, 'KT_WRONG_OPTION', "dir: '/var/spool/keeptrace'"],
  ['spool', true, 'KT_WRONG_OPTION', "spool: { dir: '/var/spool/keeptrace' }"],
  ['spool', { dir: '/s', maxMb: 0 }, 'KT_WRONG_OPTION', 'maxMb: 64'],
  ['spool', { dir: '/s', mode: 'wal' }, 'KT_WRONG_OPTION', "mode: 'write-ahead'"],
  ['spool', { dir: '/s', sync: true }, 'KT_WRONG_OPTION', "sync: 'never'"],
  ['spool', { dir: '/s', maxmb: 5 }, 'KT_UNKNOWN_OPTION', 'spool.maxMb: …'],
  ['slowMs', 0, 'KT_WRONG_OPTION', 'slowMs: 1000'],
  ['slowMs', 'never', 'KT_WRONG_OPTION', "slowMs: 'off'"],
  ['keepBudget', Number.POSITIVE_INFINITY, 'KT_WRONG_OPTION', 'keepBudget: 100'],
  ['bufferMb', 0, 'KT_WRONG_OPTION', 'bufferMb: 64'],
  ['trustIncoming', 'some', 'KT_WRONG_OPTION', "trustIncoming: ['10.0.0.0/8', '192.168.0.0/16']"],
  ['trustIncoming', '10.0.0.1', 'KT_WRONG_OPTION', "trustIncoming: ['10.0.0.1']"],
  ['trustIncoming', ['10.0.0.0/8', 'localhost'], 'KT_BAD_ENTRY', "trustIncoming: ['127.0.0.0/8']"],
  ['routes', {}, 'KT_WRONG_OPTION', "routes: [{ path: '/export*', slowMs: 'off' }]"],
  ['routes', ['/export'], 'KT_WRONG_OPTION', "routes: [{ path: '/export*', slowMs: 'off' }]"],
  ['routes', [{ path: 'export' }], 'KT_WRONG_OPTION', "routes: [{ path: '/export*', slowMs: 'off' }]"],
  ['routes', [{ path: '/a', slowMs: 0 }], 'KT_WRONG_OPTION', "routes: [{ path: '/export*', slowMs: 'off' }]"],
  ['routes', [{ path: '/a', keep: 'yes' }], 'KT_WRONG_OPTION', "routes: [{ path: '/export*', slowMs: 'off' }]"],
  ['routes', [{ path: '/a', slow: 5 }], 'KT_WRONG_OPTION', "routes: [{ path: '/export*', slowMs: 'off' }]"],
  ['servicename', 'x', 'KT_UNKNOWN_OPTION', 'serviceName: …'],
  ['nonsense', 'x', 'KT_UNKNOWN_OPTION', 'Expected: an option of docs/configuration.md.'],
  ['instrumentations', {}, 'KT_WRONG_OPTION', 'instrumentations: [new ExpressInstrumentation()]'],
  ['instrumentations', [{}], 'KT_WRONG_OPTION', 'instrumentations: [new ExpressInstrumentation()]'],
  ['spanProcessors', 5, 'KT_WRONG_OPTION', 'spanProcessors: [new MyProcessor()]'],
  ['spanExporter', {}, 'KT_WRONG_OPTION', 'spanExporter: new OTLPTraceExporter()'],
];

test.each(wrong)('%s: %j is an error', (option, value, code, write) => {
  const { problems } = resolve({ [option]: value });
  expect(problems).toMatchObject([{ code, severity: 'error', origin: { kind: 'code' } }]);
  expect(problems[0]!.message.endsWith(write)).toBe(true);
  expect(problems[0]!.message).not.toMatch(/CANARY|\n/);
});

test.each([null, undefined, 5, 'x'])('options that are %s do not throw', (options) => {
  expect(() => resolveSettings({ env: {}, options: options as unknown as TracingOptions })).not.toThrow();
});

describe('ConfigError', () => {
  test('lists every wrong option, and none of the environment', () => {
    const { problems } = resolve(
      { sampleRatio: 5, queueSize: 0, endpoint: 'ftp://x' },
      { OTEL_EXPORTER_OTLP_PROTOCOL: 'http', OTEL_PROPAGATORS: 'w3c' },
    );
    const error = (() => {
      try {
        throwWrongOptions(problems);
      } catch (thrown) {
        return thrown;
      }
    })() as ConfigError;
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.code).toBe('KEEPTRACE_CONFIG');
    expect(error.problems.map(({ origin }) => origin.name)).toEqual(['sampleRatio', 'endpoint', 'queueSize']);
    expect(error.message.split('\n')).toHaveLength(4);
    expect(error.message).toContain('3 options of initTracing() are wrong');
  });

  test('is not thrown for the environment’s sake', () => {
    const { problems } = resolve({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'garbage' });
    expect(problems).toHaveLength(1);
    expect(() => throwWrongOptions(problems)).not.toThrow();
  });

  test('is thrown for a wrong option even where tracing is switched off', () => {
    expect(() => throwWrongOptions(resolve({ sampleRatio: 5 }, { OTEL_SDK_DISABLED: 'true' }).problems)).toThrow(
      ConfigError,
    );
  });
});

test('a mistake in the environment is not told when code decides', () => {
  expect(resolve({ sampleRatio: 0.5 }, { OTEL_TRACES_SAMPLER_ARG: '10%' }).problems).toEqual([]);
});

test('live objects are handed through', () => {
  const spanExporter = { export() {}, shutdown: async () => {} };
  const spanProcessors = [{ onStart() {}, onEnd() {}, forceFlush: async () => {}, shutdown: async () => {} }];
  const { settings, usable, problems } = resolve(
    { spanExporter, spanProcessors },
    { OTEL_EXPORTER_OTLP_ENDPOINT: 'garbage' },
  );
  expect(settings.spanExporter).toBe(spanExporter);
  expect(settings.spanProcessors).toEqual(spanProcessors);
  expect({ usable, problems }).toEqual({ usable: true, problems: [] });
});

test('instrumentations may come in lists, as bundles of them do', () => {
  const [a, b] = [{ setTracerProvider() {} }, { setTracerProvider() {} }];
  const { settings, problems } = resolve({ instrumentations: [a, [b]] });
  expect(settings.instrumentations).toEqual([a, b]);
  expect(problems).toEqual([]);
});

test.each([['text'], [[]], [7], [true], [() => {}]])('options that are %j are refused', (options) => {
  const { problems } = resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop' }, options: options as never });
  expect(problems).toMatchObject([
    { code: 'KT_WRONG_OPTION', severity: 'error', origin: { kind: 'code', name: 'options' } },
  ]);
  expect(() => throwWrongOptions(problems)).toThrow(/an object of options, or nothing/);
});

test.each([[undefined], [null], [{}]])('options that are %j are none', (options) => {
  expect(resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop' }, options: options as never }).problems).toEqual([]);
});
