import { describe, expect, test } from 'vitest';
import { resolveSettings } from '../../src/config/resolve.ts';

const problemsOf = (env: Record<string, string>) =>
  resolveSettings({ env: { OTEL_SERVICE_NAME: 'shop', ...env } }).problems;

describe('a name that nothing reads', () => {
  const rows: [name: string, suggestion: string | undefined][] = [
    ['OTEL_SERVCE_NAME', 'OTEL_SERVICE_NAME'],
    ['OTEL_SERVICE_NAM', 'OTEL_SERVICE_NAME'],
    ['otel_service_name', 'OTEL_SERVICE_NAME'],
    ['OTEL_TRACE_SAMPLER_ARG', 'OTEL_TRACES_SAMPLER_ARG'],
    ['OTEL_EXPORTER_OTLP_ENDPOIN', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    ['OTEL_EXPORTER_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    ['OTEL_EXPORTER_OTLP_TRACE_ENDPOINT', 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'],
    ['OTEL_PROPAGATOR', 'OTEL_PROPAGATORS'],
    ['OTEL_RESOURCE_ATTRIBUTE', 'OTEL_RESOURCE_ATTRIBUTES'],
    ['OTEL_SERVICE_VERSION', 'OTEL_RESOURCE_ATTRIBUTES'],
    ['KEEPTRACE_IGNORE_PATH', 'KEEPTRACE_IGNORE_PATHS'],
    ['KEEPTRACE_SHUTDOWN_TIMEOUT', 'KEEPTRACE_SHUTDOWN_TIMEOUT_MS'],
    ['KEEPTRACE_ENDPOINT', 'OTEL_EXPORTER_OTLP_ENDPOINT'],
    ['OTEL_SOMETHING_ELSE', undefined],
  ];

  test.each(rows)('%s', (name, suggestion) => {
    const problems = problemsOf({ [name]: 'CANARY' });
    expect(problems).toMatchObject([{ code: 'KT_UNKNOWN_VARIABLE', origin: { kind: 'env', name } }]);
    const { message } = problems[0]!;
    expect(message).not.toContain('CANARY');
    if (suggestion) expect(message).toContain(`did you mean ${suggestion}?`);
    else expect(message).not.toContain('did you mean');
  });

  test.each([
    'OTEL_METRIC_EXPORT_INTERVAL',
    'OTEL_BLRP_MAX_QUEUE_SIZE',
    'OTEL_LOGRECORD_ATTRIBUTE_COUNT_LIMIT',
    'OTEL_EXPORTER_OTLP_METRICS_ENDPOINT',
    'OTEL_EXPORTER_OTLP_LOGS_HEADERS',
    'OTEL_EXPORTER_PROMETHEUS_PORT',
    'OTEL_EXPORTER_ZIPKIN_ENDPOINT',
    'OTEL_EXPORTER_JAEGER_ENDPOINT',
    'OTEL_JAVA_GLOBAL_AUTOCONFIGURE_ENABLED',
    'OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST',
    'OTEL_PYTHON_LOG_CORRELATION',
    'OTEL_DOTNET_AUTO_HOME',
    'OTEL_GO_X_EXEMPLAR',
    'OTEL_RESOURCE_ATTRIBUTES_POD_NAME',
    'OTEL_COLLECTOR_SERVICE_HOST',
    'OTEL_COLLECTOR_SERVICE_PORT_OTLP_GRPC',
    'OTEL_AGENT_PORT',
    'OTEL_AGENT_PORT_4317_TCP_ADDR',
    'OTEL_AGENT_SERVICE_PORT',
    'HOME',
    'MY_OTEL_THING',
  ])('%s belongs to somebody else', (name) => {
    expect(problemsOf({ [name]: '1' })).toEqual([]);
  });

  test('an empty one is no trouble', () => {
    expect(problemsOf({ OTEL_SERVCE_NAME: ' ' })).toEqual([]);
  });
});

describe('a variable that does nothing here says so', () => {
  const rows: [name: string, value: string, says: RegExp][] = [
    ['OTEL_CONFIG_FILE', '/etc/otel.yaml', /does not read.*Now: options and environment variables count/],
    ['OTEL_SEMCONV_STABILITY_OPT_IN', 'http/dup', /no longer exist/],
    ['OTEL_METRICS_EXPORTER', 'otlp', /metrics, which keeptrace does not export.*Write: OTEL_METRICS_EXPORTER=none/],
    ['OTEL_LOGS_EXPORTER', 'OTLP', /logs, which keeptrace does not export/],
    ['OTEL_NODE_EXPERIMENTAL_SDK_METRICS', 'true', /metrics about the SDK/],
    ['OTEL_EXPORTER_OTLP_INSECURE', 'true', /with grpc only/],
    ['OTEL_ENTITIES', 'service{}', /no effect/],
  ];

  test.each(rows)('%s=%s', (name, value, says) => {
    const problems = problemsOf({ [name]: value });
    expect(problems).toMatchObject([{ code: 'KT_NO_EFFECT', origin: { name } }]);
    expect(problems[0]!.message).toMatch(says);
  });

  test.each([
    ['OTEL_METRICS_EXPORTER', 'none'],
    ['OTEL_LOGS_EXPORTER', 'None'],
    ['OTEL_NODE_EXPERIMENTAL_SDK_METRICS', 'false'],
    ['OTEL_EXPORTER_OTLP_INSECURE', 'false'],
  ])('%s=%s is what keeptrace does anyway', (name, value) => {
    expect(problemsOf({ [name]: value })).toEqual([]);
  });
});

describe('NODE_TLS_REJECT_UNAUTHORIZED=0', () => {
  test('is told when spans travel by https', () => {
    const problems = problemsOf({
      NODE_TLS_REJECT_UNAUTHORIZED: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel.example',
    });
    expect(problems).toMatchObject([{ code: 'KT_TLS_UNCHECKED' }]);
  });

  test('is nobody’s trouble with plain http', () => {
    expect(problemsOf({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })).toEqual([]);
  });
});

test('quotes around a value are taken off, and told once', () => {
  const { settings, problems } = resolveSettings({
    env: { OTEL_SERVICE_NAME: '"shop"', OTEL_TRACES_SAMPLER_ARG: "'0.5'" },
  });
  expect(settings).toMatchObject({ serviceName: 'shop', sampleRatio: 0.5 });
  expect(problems.map(({ code, origin }) => [code, origin.name])).toEqual([
    ['KT_QUOTED_VALUE', 'OTEL_SERVICE_NAME'],
    ['KT_QUOTED_VALUE', 'OTEL_TRACES_SAMPLER_ARG'],
  ]);
});
