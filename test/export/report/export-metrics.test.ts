import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, expect, test } from 'vitest';
import type { ExportStats } from '../../../src/export/accounting.ts';
import { componentOf, createExportMetrics, type ExportMetrics } from '../../../src/export/report/export-metrics.ts';

let made: ExportMetrics | undefined;
afterEach(() => {
  made?.close();
  metrics.disable();
});

function meterProvider() {
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e8 });
  const provider = new MeterProvider({ readers: [reader] });
  /** `name{error.type}` → value. */
  const read = async () => {
    await reader.forceFlush();
    const points = exporter
      .getMetrics()
      .at(-1)
      ?.scopeMetrics.flatMap(({ metrics: all }) =>
        all.flatMap(({ descriptor, dataPoints }) =>
          dataPoints.map(({ attributes, value }) => {
            const error = attributes['error.type'];
            return [`${descriptor.name}${error === undefined ? '' : `{${String(error)}}`}`, value, attributes] as const;
          }),
        ),
      );
    exporter.reset();
    return points ?? [];
  };
  return { provider, read };
}

const stats: ExportStats = {
  ended: 1_000,
  accepted: 700,
  rejected: 30,
  dropped: { poison: 1, after_shutdown: 9, queue_full: 50, expired: 10 },
  queued: 150,
  spooled: 50,
  recovered: { accepted: 5, rejected: 2, dropped: 0 },
};
const create = (over: object = {}) => {
  made = createExportMetrics({
    stats: () => stats,
    unsealed: () => 40,
    queueSize: 2_048,
    exporter: 'http/protobuf',
    url: 'https://otel.example:4318/v1/traces?key=secret',
    ...over,
  });
  return made;
};

test.each(['before', 'after'])('a meter provider that was set %s the start has the books', async (when) => {
  const { provider, read } = meterProvider();
  if (when === 'before') metrics.setGlobalMeterProvider(provider);
  const own = create();
  own.look();
  if (when === 'after') metrics.setGlobalMeterProvider(provider);
  own.look();
  own.look();
  const points = await read();
  expect(Object.fromEntries(points.map(([name, value]) => [name, value]))).toEqual({
    'otel.sdk.processor.span.processed': 1_000 - 40 - 10,
    'otel.sdk.processor.span.processed{poison}': 1,
    'otel.sdk.processor.span.processed{already_shutdown}': 9,
    'otel.sdk.processor.span.queue.size': 40,
    'otel.sdk.processor.span.queue.capacity': 2_048,
    'otel.sdk.exporter.span.exported': 705,
    'otel.sdk.exporter.span.exported{rejected}': 32,
    'otel.sdk.exporter.span.exported{queue_full}': 50,
    'otel.sdk.exporter.span.exported{expired}': 10,
    'otel.sdk.exporter.span.inflight': 110,
  });
});

test('what the processor gave away is what the exporter has, had, or put on disk', async () => {
  const { provider, read } = meterProvider();
  metrics.setGlobalMeterProvider(provider);
  create({ stats: () => ({ ...stats, recovered: { accepted: 0, rejected: 0, dropped: 0 } }) }).look();
  const points = await read();
  const sum = (prefix: string) =>
    points.filter(([name]) => name.startsWith(prefix)).reduce((total, [, value]) => total + Number(value), 0);
  const processed = points.find(([name]) => name === 'otel.sdk.processor.span.processed')![1];
  expect(sum('otel.sdk.exporter.span.exported') + sum('otel.sdk.exporter.span.inflight') + stats.spooled).toBe(
    processed,
  );
});

test.each([
  ['http/protobuf', 'otlp_http_span_exporter'],
  ['http/json', 'otlp_http_json_span_exporter'],
  ['grpc', 'otlp_grpc_span_exporter'],
  ['ZipkinExporter', 'ZipkinExporter'],
])('%s is named as the conventions have it', async (exporter, type) => {
  const { provider, read } = meterProvider();
  metrics.setGlobalMeterProvider(provider);
  create({ exporter }).look();
  const points = await read();
  const attributesOf = (name: string) => points.find(([one]) => one === name)![2];
  expect(attributesOf('otel.sdk.exporter.span.exported')).toEqual({
    'otel.component.type': type,
    'otel.component.name': `${type}/keeptrace`,
    'server.address': 'otel.example',
    'server.port': 4318,
  });
  expect(attributesOf('otel.sdk.processor.span.queue.size')).toEqual({
    'otel.component.type': 'batching_span_processor',
    'otel.component.name': 'batching_span_processor/keeptrace',
  });
});

test('a provider that takes the place of another has everything to itself', async () => {
  const first = meterProvider();
  const second = meterProvider();
  metrics.setGlobalMeterProvider(first.provider);
  let asked = 0;
  const own = create({
    stats: () => {
      asked++;
      return stats;
    },
  });
  own.look();
  metrics.disable();
  metrics.setGlobalMeterProvider(second.provider);
  own.look();
  expect(await first.read()).toEqual([]);
  expect(await second.read()).not.toEqual([]);
  own.close();
  asked = 0;
  await second.read();
  expect(asked).toBe(0);
});

test('a meter that throws disturbs nobody', () => {
  const broken = {
    getMeter() {
      throw new Error('meter');
    },
  };
  metrics.setGlobalMeterProvider(broken as never);
  expect(() => create().look()).not.toThrow();
});

class ZipkinExporter {}
const otlp = { exporter: 'otlp', protocol: 'http/json', endpoint: 'http://c:4318/v1/traces' };
test.each([
  [otlp, { exporter: 'http/json', url: 'http://c:4318/v1/traces' }],
  [{ ...otlp, exporter: 'console' }, { exporter: 'console' }],
  [{ ...otlp, spanExporter: new ZipkinExporter() }, { exporter: 'ZipkinExporter' }],
  [{ ...otlp, spanExporter: Object.create(null) as object }, { exporter: 'SpanExporter' }],
])('the settings %j name their exporter', (settings, component) => {
  expect(componentOf(settings)).toEqual(component);
});
