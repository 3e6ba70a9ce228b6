import { expect, test } from 'vitest';
import { resolveSettings } from '../../src/config/resolve.ts';
import type { Settings } from '../../src/config/settings.ts';

const resolve = (env: Record<string, string>) => resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop', ...env } });

// One mistake per row: variable, text, what happens now, the line to write instead.
const mistakes: [variable: string, text: string, now: Partial<Settings>, write: string][] = [
  ['OTEL_TRACES_SAMPLER_ARG', '10%', { sampleRatio: 0.1 }, '0.1'],
  ['OTEL_TRACES_SAMPLER_ARG', '10', { sampleRatio: 0.1 }, '0.1'],
  ['OTEL_TRACES_SAMPLER_ARG', '0,25', { sampleRatio: 0.1 }, '0.25'],
  ['OTEL_TRACES_SAMPLER_ARG', '-0.5', { sampleRatio: 0.1 }, '0.1'],
  ['OTEL_TRACES_SAMPLER_ARG', 'abc', { sampleRatio: 0.1 }, '0.1'],
  ['OTEL_TRACES_SAMPLER_ARG', 'NaN', { sampleRatio: 0.1 }, '0.1'],
  ['OTEL_TRACES_SAMPLER_ARG', '0x1', { sampleRatio: 0.1 }, '0.1'],
  [
    'OTEL_TRACES_SAMPLER',
    'ratio',
    { sampler: 'parentbased_traceidratio', sampleRatio: 0.1 },
    'parentbased_traceidratio',
  ],
  ['OTEL_TRACES_SAMPLER', 'parentbased_alwayson', { sampler: 'parentbased_traceidratio' }, 'parentbased_always_on'],
  ['OTEL_TRACES_SAMPLER', 'jaeger_remote', { sampler: 'parentbased_traceidratio' }, 'parentbased_traceidratio'],
  [
    'OTEL_TRACES_SAMPLER',
    'xray',
    { sampler: 'parentbased_traceidratio', sampleRatio: 0.1 },
    'parentbased_traceidratio',
  ],
  ['OTEL_PROPAGATORS', 'w3c', { propagators: ['tracecontext', 'baggage'] }, 'tracecontext,baggage'],
  ['OTEL_PROPAGATORS', 'tracecontext,bagage', { propagators: ['tracecontext'] }, 'tracecontext,baggage'],
  ['OTEL_PROPAGATORS', 'b3,xray', { propagators: ['b3'] }, 'tracecontext,baggage'],
  ['OTEL_PROPAGATORS', 'jaeger', { propagators: ['tracecontext', 'baggage'] }, 'tracecontext,baggage'],
  ['OTEL_PROPAGATORS', 'none,b3', { propagators: [] }, 'tracecontext,baggage'],
  ['OTEL_TRACES_EXPORTER', 'zipkin', { exporter: 'otlp' }, 'otlp'],
  ['OTEL_TRACES_EXPORTER', 'otpl', { exporter: 'otlp' }, 'otlp'],
  ['OTEL_TRACES_EXPORTER', 'console,otlp', { exporter: 'otlp' }, 'otlp'],
  ['OTEL_TRACES_EXPORTER', 'otlp,none', { exporter: 'none' }, 'none'],
  ['OTEL_SDK_DISABLED', '1', { enabled: true }, 'true'],
  ['OTEL_SDK_DISABLED', 'yes', { enabled: true }, 'true'],
  ['OTEL_SDK_DISABLED', 'no', { enabled: true }, 'false'],
  ['KEEPTRACE_REDACT', '0', { redact: true }, 'false'],
  ['KEEPTRACE_LIFE_LINES', 'off', { lifeLines: true }, 'false'],
  ['KEEPTRACE_MESSAGE_SPANS', 'no', { messageSpans: true }, 'false'],
  ['KEEPTRACE_MESSAGE_BAGGAGE', 'tenant,user:*', { messageBaggage: ['tenant'] }, 'tenant,user'],
  ['KEEPTRACE_MESSAGE_BAGGAGE', 'tenant=acme', { messageBaggage: [] }, 'tenant'],
  [
    'KEEPTRACE_MESSAGE_BAGGAGE',
    'user:arn:aws:sqs:eu-central-1:123456789012:orders',
    { messageBaggage: [] },
    'user:orders',
  ],
  ['KEEPTRACE_LOG_CORRELATION', 'false', { logCorrelation: 'otel' }, 'off'],
  ['KEEPTRACE_LOG_CORRELATION', 'dd', { logCorrelation: 'otel' }, 'datadog'],
  ['OTEL_LOG_LEVEL', 'warning', { logLevel: 'warn' }, 'warn'],
  ['OTEL_LOG_LEVEL', 'trace', { logLevel: 'warn' }, 'verbose'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'http', { protocol: 'http/protobuf' }, 'http/protobuf'],
  ['OTEL_EXPORTER_OTLP_PROTOCOL', 'json', { protocol: 'http/protobuf' }, 'http/json'],
  ['OTEL_EXPORTER_OTLP_COMPRESSION', 'zstd', { compression: 'none' }, 'gzip'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '10s', { exportTimeoutMs: 10_000 }, '10000'],
  ['OTEL_EXPORTER_OTLP_TIMEOUT', '0', { exportTimeoutMs: 10_000 }, '10000'],
  ['OTEL_BSP_EXPORT_TIMEOUT', '5 s', { exportTimeoutMs: 10_000 }, '5000'],
  ['OTEL_BSP_SCHEDULE_DELAY', '1min', { batchDelayMs: 1000 }, '60000'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '10_000', { queueSize: 2048 }, '10000'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', 'Infinity', { queueSize: 2048 }, '2048'],
  ['OTEL_BSP_MAX_QUEUE_SIZE', '-1', { queueSize: 2048 }, '2048'],
  ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE', '1.5', { batchSize: 512 }, '512'],
  ['OTEL_NODE_RESOURCE_DETECTORS', 'env,hosts', { resourceDetectors: ['env'] }, 'env,host'],
  ['OTEL_NODE_RESOURCE_DETECTORS', 'env,aws', { resourceDetectors: ['env'] }, 'env,host,serviceinstance'],
  ['OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'http,postgres', { enabledInstrumentations: ['http'] }, 'http,pg'],
  ['OTEL_NODE_ENABLED_INSTRUMENTATIONS', 'htp', { enabledInstrumentations: undefined }, 'http'],
  ['OTEL_NODE_DISABLED_INSTRUMENTATIONS', 'fetch', { disabledInstrumentations: [] }, 'undici'],
  ['KEEPTRACE_IGNORE_PATHS', '/a,health', { ignorePaths: ['/a'] }, '/a,/health'],
  ['KEEPTRACE_IGNORE_PATHS', '/a,/*/b', { ignorePaths: ['/a'] }, '/a,/*'],
  ['KEEPTRACE_KEEP_ERRORS', '1', { keepErrors: true }, 'true'],
  ['KEEPTRACE_SLOW_MS', 'none', { slowMs: 1000 }, 'off'],
  ['KEEPTRACE_SLOW_MS', '2s', { slowMs: 1000 }, '2000'],
  ['KEEPTRACE_SLOW_MS', '0', { slowMs: 1000 }, '1000'],
  ['KEEPTRACE_KEEP_BUDGET', 'unlimited', { keepBudget: 100 }, 'off'],
  ['KEEPTRACE_KEEP_BUDGET', '-1', { keepBudget: 100 }, '100'],
  ['KEEPTRACE_BUFFER_MB', '64MB', { bufferMb: 64 }, '64'],
  ['KEEPTRACE_BUFFER_SPANS_PER_TRACE', '2_000', { spansPerTrace: 2000 }, '2000'],
  ['KEEPTRACE_RETENTION_MS', '1s', { retentionMs: 0 }, '1000'],
  ['KEEPTRACE_TRUST_INCOMING', '*', { trustIncoming: 'none' }, 'all'],
  ['KEEPTRACE_TRUST_INCOMING', 'everybody', { trustIncoming: 'none' }, '10.0.0.0/8,192.168.0.0/16'],
  ['KEEPTRACE_TRUST_INCOMING', 'all,10.0.0.1', { trustIncoming: ['10.0.0.1'] }, '10.0.0.0/8,192.168.0.0/16'],
  ['KEEPTRACE_TRUST_INCOMING', '10.0.0.1,localhost', { trustIncoming: ['10.0.0.1'] }, '10.0.0.1,127.0.0.0/8'],
  ['KEEPTRACE_TRUST_INCOMING', '10.0.0.0/33', { trustIncoming: 'none' }, '10.0.0.0/32'],
  ['KEEPTRACE_SLOW_DEADLINE', 'yes', { slowDeadline: false }, 'true'],
  ['KEEPTRACE_SHUTDOWN_TIMEOUT_MS', '5s', { shutdownTimeoutMs: 5000 }, '5000'],
];

test.each(mistakes)('%s=%s gives one line with the way out', (variable, text, now, write) => {
  const { settings, problems, usable } = resolve({ [variable]: text });
  expect(settings).toMatchObject(now);
  expect(usable).toBe(true);
  expect(problems).toHaveLength(1);
  const { message, severity, origin } = problems[0]!;
  expect(severity).toBe('warning');
  expect(origin).toEqual({ kind: 'env', name: variable });
  expect(message.startsWith(`${variable}=${text} `)).toBe(true);
  expect(message).toMatch(/ Expected: .+ Now: .+ Write: /);
  expect(message.endsWith(`Write: ${variable}=${write}`)).toBe(true);
});

test.each(mistakes)('the advice for %s=%s is itself correct', (variable, text) => {
  const advice = resolve({ [variable]: text }).problems[0]!.message.split(`Write: ${variable}=`)[1]!;
  expect(resolve({ [variable]: advice }).problems).toEqual([]);
});

test('a limit of 0 attributes is out of range, 0 events is a choice', () => {
  const { settings, problems } = resolve({ OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT: '0', OTEL_SPAN_EVENT_COUNT_LIMIT: '0' });
  expect(settings.spanLimits).toMatchObject({ attributeCount: 128, eventCount: 0 });
  expect(problems).toMatchObject([{ code: 'KT_OUT_OF_RANGE', origin: { name: 'OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT' } }]);
});

test('the argument of a remote sampler is not called a bad ratio', () => {
  const { settings, problems } = resolve({
    OTEL_TRACES_SAMPLER: 'parentbased_jaeger_remote',
    OTEL_TRACES_SAMPLER_ARG: 'endpoint=http://localhost:14250,initialSamplingRate=0.25',
    NODE_ENV: 'production',
  });
  expect(settings).toMatchObject({ sampler: 'parentbased_traceidratio', sampleRatio: 0.1 });
  expect(problems.map(({ code }) => code)).toEqual(['KT_UNSUPPORTED']);
});
