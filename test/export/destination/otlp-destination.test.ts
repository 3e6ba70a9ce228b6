import { createRequire } from 'node:module';
import { context } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, describe, expect, test } from 'vitest';
import { createDestination, type DestinationSettings } from '../../../src/export/destination/destination.ts';
import { closeRigs, createRig } from '../rig.ts';

afterEach(closeRigs);

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  test.each(['none', 'gzip'] as const)('compression %s, with the headers of the specification', async (compression) => {
    const { collector, pipeline, spans } = await createRig({
      otlp: {
        protocol,
        compression,
        headers: { 'X-Api-Key': 'k', 'Content-Type': 'text/evil' },
        userAgent: 'keeptrace/1',
      },
    });
    spans(50);
    await pipeline.flush(2_000);
    const [{ method, url, headers, spans: seen }] = collector.requests as [(typeof collector.requests)[0]];
    expect([method, url, seen.length]).toEqual(['POST', '/v1/traces', 50]);
    expect(headers).toMatchObject({
      'x-api-key': 'k',
      'user-agent': 'keeptrace/1',
      'content-type': protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
    });
    expect(headers['content-encoding']).toBe(compression === 'gzip' ? 'gzip' : undefined);
    expect(headers).not.toHaveProperty('traceparent');
  });
});

test('one connection is kept and used again', async () => {
  const { collector, pipeline, spans } = await createRig();
  for (let i = 0; i < 5; i++) {
    spans(3);
    await pipeline.flush(2_000);
  }
  expect([collector.requests.length, collector.sockets.most]).toEqual([5, 1]);
});

test('a kept connection that the server closed meanwhile is no failure', async () => {
  const { collector, pipeline, spans, events, balance } = await createRig();
  spans(3);
  await pipeline.flush(2_000);
  // What we see of a server whose idle timeout ran out just as we wrote.
  collector.fault = { kind: 'reset-once' };
  spans(3);
  await pipeline.flush(2_000);
  expect(balance()).toMatchObject({ accepted: 6 });
  expect([events.retrying.length, collector.sockets.most]).toEqual([0, 1]);
});

test('exports are not traced, even with http instrumented and a request in progress', async () => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  const seen = new InMemorySpanExporter();
  const provider = new TracerProvider({ spanProcessors: [new SimpleSpanProcessor({ exporter: seen })] });
  const instrumentation = new HttpInstrumentation({ disableIncomingRequestInstrumentation: true });
  instrumentation.setTracerProvider(provider);
  instrumentation.enable();
  // The patch is applied when somebody requires the module.
  const { get } = createRequire(import.meta.url)('node:http') as typeof import('node:http');
  const { collector, pipeline, spans } = await createRig();
  provider.getTracer('app').startActiveSpan('request', (span) => {
    spans(3);
    span.end();
  });
  await pipeline.flush(2_000);
  expect(collector.acked.size).toBe(3);
  expect(seen.getFinishedSpans().map(({ name }) => name)).toEqual(['request']);
  await new Promise((resolve) => get(collector.origin, (response) => response.resume().on('close', resolve)));
  expect(seen.getFinishedSpans().map(({ name }) => name)).toEqual(['request', 'GET']);
  instrumentation.disable();
  context.disable();
});

describe('createDestination', () => {
  const settings: DestinationSettings = {
    exporter: 'otlp',
    endpoint: 'http://user:pass@127.0.0.1:4318/v1/traces?key=secret',
    protocol: 'http/protobuf',
    headers: {},
    compression: 'none',
    exportTimeoutMs: 1_000,
    spanExporter: undefined,
  };

  test('is labelled without credentials', () => {
    expect(createDestination(settings).label).toBe('http://127.0.0.1:4318/v1/traces');
    expect(createDestination({ ...settings, protocol: 'grpc' }).label).toBe('http://127.0.0.1:4318');
  });

  test('none discards without counting', async () => {
    const destination = createDestination({ ...settings, exporter: 'none' });
    const { pipeline, spans } = await createRig({ destination });
    spans(3);
    expect(pipeline.stats()).toMatchObject({ ended: 0, queued: 0 });
  });

  test('console and a given exporter go through the exporter interface', () => {
    expect(createDestination({ ...settings, exporter: 'console' }).label).toBe('the console exporter');
    const spanExporter = new InMemorySpanExporter();
    expect(createDestination({ ...settings, spanExporter }).label).toBe('the span exporter');
  });
});
