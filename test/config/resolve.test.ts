import { describe, expect, test } from 'vitest';
import type { TracingOptions } from '../../src/config/options.ts';
import { resolveSettings } from '../../src/config/resolve.ts';
import { rowGroups } from '../../src/config/rows.ts';
import type { Settings } from '../../src/config/settings.ts';

const NAMED = { OTEL_SERVICE_NAME: 'shop' };
const resolve = (env: Record<string, string>, options?: TracingOptions) =>
  resolveSettings({ env: { ...NAMED, ...env }, options });

describe('an empty environment', () => {
  const { settings, problems, usable, origins } = resolve({});

  test('gives the documented defaults', () => {
    expect(settings).toEqual({
      enabled: true,
      serviceName: 'shop',
      serviceVersion: undefined,
      environment: undefined,
      production: false,
      resourceAttributes: {},
      resourceDetectors: ['env', 'host', 'os', 'process', 'serviceinstance'],
      sampler: 'parentbased_traceidratio',
      sampleRatio: 1,
      propagators: ['tracecontext', 'baggage'],
      keepErrors: true,
      slowMs: 1000,
      keepBudget: 100,
      bufferMb: 64,
      spansPerTrace: 2000,
      retentionMs: 0,
      trustIncoming: 'all',
      slowDeadline: false,
      routes: [],
      exporter: 'otlp',
      endpoint: 'http://localhost:4318/v1/traces',
      protocol: 'http/protobuf',
      headers: {},
      compression: 'none',
      exportTimeoutMs: 10_000,
      insecure: false,
      certificateFile: undefined,
      clientKeyFile: undefined,
      clientCertificateFile: undefined,
      allowUnsafeEndpoint: false,
      queueSize: 2048,
      batchSize: 512,
      batchDelayMs: 1000,
      spool: { dir: undefined, maxMb: 64, mode: 'overflow', sync: 'never' },
      spanLimits: {
        attributeValueLength: 8192,
        attributeCount: 128,
        eventCount: 128,
        linkCount: 128,
        attributesPerEvent: 128,
        attributesPerLink: 128,
      },
      enabledInstrumentations: undefined,
      disabledInstrumentations: [],
      ignorePaths: expect.arrayContaining(['/healthz', '/livez', '/readyz', '/metrics', '/favicon.ico']),
      backgroundSpans: false,
      redact: true,
      redactKeys: [],
      messageSpans: true,
      messageBaggage: [],
      logCorrelation: 'otel',
      logConsole: false,
      shutdownTimeoutMs: 5000,
      exitTimeoutMs: 500,
      logLevel: 'warn',
      lifeLines: true,
      instrumentations: [],
      spanProcessors: [],
      spanExporter: undefined,
    });
  });

  test('has nothing to complain about, and every origin but the name is the default', () => {
    expect(problems).toEqual([]);
    expect(usable).toBe(true);
    const { serviceName, ...rest } = origins;
    expect(serviceName).toEqual({ kind: 'env', name: 'OTEL_SERVICE_NAME' });
    expect(new Set(Object.values(rest).map(({ kind }) => kind))).toEqual(new Set(['default']));
  });
});

test('every setting has an origin, and every row is a setting', () => {
  const { settings, origins } = resolve({});
  const { spanLimits, spool, production: _derived, ...flat } = settings;
  const parts = Object.entries({ spanLimits, spool }).flatMap(([group, members]) =>
    Object.keys(members).map((name) => `${group}.${name}`),
  );
  const names = [...Object.keys(flat), ...parts].sort();
  expect(Object.keys(origins).sort()).toEqual(names);
  const rows = new Set(rowGroups.flatMap((group) => group.rows.map(({ option }) => option)));
  for (const name of ['routes', 'instrumentations', 'spanProcessors', 'spanExporter']) rows.add(name);
  expect([...rows].sort()).toEqual(names);
});

// One row per variable that is read as it is: the variable, a text, the setting that must come out.
const plain: [variable: string, text: string, settings: Partial<Settings>][] = [
  ['OTEL_SDK_DISABLED', 'TRUE', { enabled: false }],
  ['OTEL_SDK_DISABLED', 'false', { enabled: true }],
  ['OTEL_LOG_LEVEL', 'DEBUG', { logLevel: 'debug' }],
  ['OTEL_TRACES_SAMPLER', 'Always_Off', { sampler: 'always_off' }],
  ['OTEL_TRACES_SAMPLER_ARG', '0.25', { sampler: 'parentbased_traceidratio', sampleRatio: 0.25 }],
  ['OTEL_TRACES_SAMPLER_ARG', '1e-3', { sampleRatio: 0.001 }],
  ['OTEL_PROPAGATORS', 'B3, tracecontext,b3', { propagators: ['b3', 'tracecontext'] }],
  ['OTEL_PROPAGATORS', 'b3multi', { propagators: ['b3multi'] }],
  ['OTEL_PROPAGATORS', 'none', { propagators: [] }],
  ['OTEL_TRACES_EXPORTER', 'OTLP', { exporter: 'otlp' }],
  ['OTEL_TRACES_EXPORTER', 'console', { exporter: 'console' }],
  ['OTEL_TRACES_EXPORTER', 'none', { exporter: 'none' }],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'HTTP/JSON', { protocol: 'http/json' }],
  ['OTEL_EXPORTER_OTLP_TRACES_PROTOCOL', 'grpc', { protocol: 'grpc' }],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'gzip', { compression: 'gzip' }],
  ['OTEL_EXPORTER_OTLP_TRACES_COMPRESSION', 'none', { compression: 'none' }],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '2500', { exportTimeoutMs: 2500 }],
  ['OTEL_EXPORTER_OTLP_TRACES_TIMEOUT', '1500', { exportTimeoutMs: 1500 }],
  ['OTEL_BSP_EXPORT_TIMEOUT', '3000', { exportTimeoutMs: 3000 }],
  ['OTEL_BSP_EXPORT_TIMEOUT', '60000', { exportTimeoutMs: 10_000 }],
  ['OTEL_EXPORTER_OTLP_HEADERS', 'A=1, b = x%2Cy ', { headers: { a: '1', b: 'x,y' } }],
  ['OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'authorization=Bearer abc==', { headers: { authorization: 'Bearer abc==' } }],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '4096', { queueSize: 4096 }],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '100', { queueSize: 100, batchSize: 100 }],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '64', { batchSize: 64 }],
  ['OTEL_BSP_SCHEDULE_DELAY', '200', { batchDelayMs: 200 }],
  ['OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'http, PG', { enabledInstrumentations: ['http', 'pg'] }],
  [
    'OTEL_NODE_ENABLED_INSTRUMENTATIONS',
    '@opentelemetry/instrumentation-express',
    { enabledInstrumentations: ['express'] },
  ],
  ['OTEL_NODE_DISABLED_INSTRUMENTATIONS', 'fs,undici', { disabledInstrumentations: ['fs', 'undici'] }],
  ['OTEL_NODE_RESOURCE_DETECTORS', 'env,host', { resourceDetectors: ['env', 'host'] }],
  ['OTEL_NODE_RESOURCE_DETECTORS', 'all', { resourceDetectors: ['env', 'host', 'os', 'process', 'serviceinstance'] }],
  ['OTEL_NODE_RESOURCE_DETECTORS', 'service,host', { resourceDetectors: ['env', 'serviceinstance', 'host'] }],
  ['OTEL_RESOURCE_ATTRIBUTES', 'team=pay%20ments,empty=', { resourceAttributes: { team: 'pay ments', empty: '' } }],
  ['KEEPTRACE_IGNORE_PATHS', '/a, /b/*', { ignorePaths: ['/a', '/b/*'] }],
  ['KEEPTRACE_IGNORE_PATHS', 'none', { ignorePaths: [] }],
  ['KEEPTRACE_BACKGROUND_SPANS', 'true', { backgroundSpans: true }],
  ['KEEPTRACE_REDACT', 'false', { redact: false }],
  ['KEEPTRACE_REDACT_KEYS', 'iban,account', { redactKeys: ['iban', 'account'] }],
  ['KEEPTRACE_SHUTDOWN_TIMEOUT_MS', '0', { shutdownTimeoutMs: 0 }],
  ['KEEPTRACE_EXIT_TIMEOUT_MS', '0', { exitTimeoutMs: 0 }],
  ['KEEPTRACE_LIFE_LINES', 'False', { lifeLines: false }],
  ['KEEPTRACE_MESSAGE_SPANS', 'false', { messageSpans: false }],
  ['KEEPTRACE_MESSAGE_BAGGAGE', 'tenant, user:orders*', { messageBaggage: ['tenant', 'user:orders*'] }],
  ['KEEPTRACE_LOG_CORRELATION', 'ECS', { logCorrelation: 'ecs' }],
  ['KEEPTRACE_LOG_CONSOLE', 'true', { logConsole: true }],
];

test.each(plain)('%s=%s is read', (variable, text, expected) => {
  const { settings, problems } = resolve({ [variable]: text });
  expect(settings).toMatchObject(expected);
  expect(problems).toEqual([]);
});

const limits: [variable: string, setting: keyof Settings['spanLimits']][] = [
  ['OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'attributeValueLength'],
  ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'attributeValueLength'],
  ['OTEL_ATTRIBUTE_COUNT_LIMIT', 'attributeCount'],
  ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'attributeCount'],
  ['OTEL_SPAN_EVENT_COUNT_LIMIT', 'eventCount'],
  ['OTEL_SPAN_LINK_COUNT_LIMIT', 'linkCount'],
  ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 'attributesPerEvent'],
  ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 'attributesPerLink'],
];

test.each(limits)('%s sets spanLimits.%s', (variable, setting) => {
  const { settings, origins } = resolve({ [variable]: '7' });
  expect(settings.spanLimits[setting]).toBe(7);
  expect(origins[`spanLimits.${setting}`]).toEqual({ kind: 'env', name: variable });
});

describe('precedence', () => {
  test('the option wins over the variable, and says so in its origin', () => {
    const { settings, origins } = resolve({ OTEL_BSP_SCHEDULE_DELAY: '100' }, { batchDelayMs: 200 });
    expect(settings.batchDelayMs).toBe(200);
    expect(origins.batchDelayMs).toEqual({ kind: 'code', name: 'batchDelayMs' });
  });

  test('the traces variable wins over the general one', () => {
    const env = { OTEL_EXPORTER_OTLP_TIMEOUT: '1000', OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: '2000' };
    expect(resolve(env).settings.exportTimeoutMs).toBe(2000);
  });

  test('a variable that cannot be used gives way to the next one', () => {
    const { settings, problems } = resolve({
      OTEL_EXPORTER_OTLP_TIMEOUT: '1000',
      OTEL_EXPORTER_OTLP_TRACES_TIMEOUT: 'soon',
    });
    expect(settings.exportTimeoutMs).toBe(1000);
    expect(problems[0]!.message).toContain('Now: exportTimeoutMs is 1000, from OTEL_EXPORTER_OTLP_TIMEOUT.');
  });

  test('headers are laid over each other: general, traces, code', () => {
    const env = { OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=1,c=1', OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'B=2,c=2' };
    expect(resolve(env, { headers: { C: '3' } }).settings.headers).toEqual({ a: '1', b: '2', c: '3' });
  });

  test('a span limit in code leaves the others to the environment', () => {
    const { settings } = resolve({ OTEL_SPAN_LINK_COUNT_LIMIT: '5' }, { spanLimits: { eventCount: 6 } });
    expect(settings.spanLimits).toMatchObject({ linkCount: 5, eventCount: 6, attributeCount: 128 });
  });

  test('an undefined option counts as not given', () => {
    expect(resolve({ OTEL_LOG_LEVEL: 'info' }, { logLevel: undefined }).settings.logLevel).toBe('info');
  });
});

test('all problems are told at once', () => {
  const { problems } = resolve({
    OTEL_TRACES_SAMPLER: 'ratio',
    OTEL_TRACES_SAMPLER_ARG: '10%',
    OTEL_PROPAGATORS: 'w3c',
    OTEL_BSP_MAX_QUEUE_SIZE: 'abc',
    OTEL_SDK_DISABLED: 'yes',
    OTEL_EXPORTER_OTLP_ENDPOINT: 'localhost:4318',
    OTEL_EXPORTER_OTLP_PROTOCOL: 'http',
    OTEL_SERVCE_NAME: 'shop',
  });
  expect(problems.map(({ origin }) => origin.name).sort()).toEqual([
    'OTEL_BSP_MAX_QUEUE_SIZE',
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    'OTEL_EXPORTER_OTLP_PROTOCOL',
    'OTEL_PROPAGATORS',
    'OTEL_SDK_DISABLED',
    'OTEL_SERVCE_NAME',
    'OTEL_TRACES_SAMPLER',
    'OTEL_TRACES_SAMPLER_ARG',
  ]);
  for (const { message } of problems) expect(message).toMatch(/ Now: .+ Write: \S/);
});

test('whoever switched tracing off is not told how to set it up', () => {
  expect(
    resolve({ OTEL_SDK_DISABLED: 'true', OTEL_EXPORTER_OTLP_ENDPOINT: 'garbage', OTEL_PROPAGATORS: 'w3c' }).problems,
  ).toEqual([]);
});

test('a batch larger than the queue is cut to the queue', () => {
  const { settings, problems } = resolve({ OTEL_BSP_MAX_QUEUE_SIZE: '100', OTEL_BSP_MAX_EXPORT_BATCH_SIZE: '200' });
  expect(settings).toMatchObject({ queueSize: 100, batchSize: 100 });
  expect(problems).toMatchObject([{ code: 'KT_BATCH_OVER_QUEUE', origin: { name: 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE' } }]);
});

test('the names of Google Cloud need the project, and the line says which variable is meant', () => {
  const env = { OTEL_SERVICE_NAME: 'shop', KEEPTRACE_LOG_CORRELATION: 'google' };
  const { settings, problems } = resolveSettings({ env });
  expect(settings.logCorrelation).toBe('google');
  expect(problems.map(({ code }) => code)).toEqual(['KT_LOG_PROJECT']);
  expect(problems[0]?.message).toContain('Write: GOOGLE_CLOUD_PROJECT=');
  expect(resolveSettings({ env: { ...env, GCLOUD_PROJECT: 'shop-prod' } }).problems).toEqual([]);
});

test('ids on console lines need names', () => {
  const env = { OTEL_SERVICE_NAME: 'shop', KEEPTRACE_LOG_CORRELATION: 'off', KEEPTRACE_LOG_CONSOLE: 'true' };
  expect(resolveSettings({ env }).problems.map(({ code, origin }) => [code, origin.name])).toEqual([
    ['KT_NO_EFFECT', 'KEEPTRACE_LOG_CONSOLE'],
  ]);
});
