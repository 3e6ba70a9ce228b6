// Losses as the user sees them in the backend: a span that comes with the next request that is taken.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { metrics } from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import { afterEach, describe, expect, test } from 'vitest';
import { LOSS_SPAN } from '../../../src/export/report/loss-report.ts';
import type { FaultCollector } from '../../faults/fault-collector.ts';
import { closeRigs, createRig } from '../rig.ts';

afterEach(closeRigs);

const reports = (collector: FaultCollector) =>
  collector.requests.flatMap(({ spans }) => spans).filter(({ name }) => name === LOSS_SPAN);

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  test('what was refused is told with the next batch that is taken, and only once', async () => {
    const rig = await createRig({ otlp: { protocol } });
    rig.collector.fault = { kind: 'partial', rejected: 7 };
    rig.spans(20);
    await rig.pipeline.flush(5_000);
    expect(rig.balance().rejected).toBe(7);
    rig.collector.fault = { kind: 'ok' };
    for (let n = 0; n < 3; n++) {
      rig.spans(10);
      await rig.pipeline.flush(5_000);
      expect(reports(rig.collector)).toHaveLength(1);
    }
    await rig.pipeline.shutdown(5_000);
    const seen = reports(rig.collector);
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({
      kind: 'internal',
      attributes: { 'keeptrace.lost': 7, 'keeptrace.lost.rejected': 7 },
    });
    // It is not among the spans that the app made.
    expect(rig.balance()).toMatchObject({ ended: 50, accepted: 43, rejected: 7, queued: 0 });
  });
});

test('nothing lost, nothing told', async () => {
  const rig = await createRig();
  rig.spans(100);
  await rig.pipeline.shutdown(5_000);
  expect(reports(rig.collector)).toEqual([]);
});

test('a report that is refused does not count and is told later', async () => {
  const rig = await createRig();
  rig.collector.fault = { kind: 'partial', rejected: 1 };
  rig.spans(2);
  await rig.pipeline.flush(5_000);
  // The batch is taken in part and its report, which comes after it, too.
  rig.spans(2);
  await rig.pipeline.flush(5_000);
  rig.collector.fault = { kind: 'ok' };
  await rig.pipeline.shutdown(5_000);
  const { ended, accepted, rejected } = rig.balance();
  expect([ended, accepted + rejected]).toEqual([4, 4]);
  expect(reports(rig.collector).length).toBeGreaterThan(0);
});

test('the shutdown tells what the minute between two reports has kept back', async () => {
  const rig = await createRig();
  const poison = () => {
    const links = [{ context: { traceId: 'x', spanId: 'y', traceFlags: 1 } }];
    rig.tracer.startSpan('poison', { links }).end();
  };
  for (let n = 0; n < 3; n++) {
    poison();
    await rig.pipeline.flush(5_000);
  }
  const told = () => reports(rig.collector).map(({ attributes }) => attributes['keeptrace.lost.poison']);
  expect(told()).toEqual([1]);
  await rig.pipeline.shutdown(5_000);
  expect(told()).toEqual([1, 2]);
});

test('the channel and the metrics tell the same as the books', async () => {
  const messages: { type: string; spans?: number }[] = [];
  const collect = (message: unknown) => void messages.push(message as { type: string });
  subscribe('keeptrace:export', collect);
  const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 1e8 });
  const rig = await createRig();
  // Set after the start, as an app does that starts tracing by a preload.
  metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
  rig.collector.fault = { kind: 'partial', rejected: 3 };
  rig.spans(20);
  await rig.pipeline.flush(5_000);
  rig.spans(5);
  await reader.forceFlush();
  unsubscribe('keeptrace:export', collect);
  metrics.disable();

  const sum = (type: string) =>
    messages.filter((one) => one.type === type).reduce((total, { spans = 0 }) => total + spans, 0);
  expect([sum('accepted'), sum('rejected')]).toEqual([17, 3]);
  const points = exporter.getMetrics().flatMap((one) => one.scopeMetrics.flatMap((scope) => scope.metrics));
  const valuesOf = (name: string) =>
    points.find(({ descriptor }) => descriptor.name === name)?.dataPoints.map(({ value }) => value);
  expect(valuesOf('otel.sdk.exporter.span.exported')).toEqual([17, 3]);
  expect(valuesOf('otel.sdk.processor.span.processed')).toEqual([20]);
  expect(valuesOf('otel.sdk.processor.span.queue.size')).toEqual([5]);
});
