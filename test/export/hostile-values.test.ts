// Values an app can put into a span that the serializers or a collector choke on: each may cost its own span, no other.
import type { Span, Tracer } from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import { boundedValue, cutOversize, noteCut } from '../../src/export/cut/cut-span.ts';
import { guardSpans } from '../../src/provider/guarded-spans.ts';
import { cases, poison, starts } from './hostile-cases.ts';
import { closeRigs, createRig } from './rig.ts';

beforeAll(() => guardSpans({ boundedValue, noteCut }));
afterEach(closeRigs);

const all: [string, (tracer: Tracer) => Span][] = [
  ...Object.entries(cases).map(([name, harm]): [string, (tracer: Tracer) => Span] => [
    name,
    (tracer) => {
      const span = tracer.startSpan('hostile');
      harm(span);
      return span;
    },
  ]),
  ...Object.entries(starts),
];

test('there are more of them than were measured on the SDK alone', () => {
  expect(all.length).toBeGreaterThanOrEqual(59);
});

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  test.each(all)('%s costs at most its own span, and never throws', async (name, make) => {
    const { collector, pipeline, spans, balance } = await createRig({
      otlp: { protocol },
      pipeline: { batchDelayMs: 1e6 },
    });
    const cut = cutOversize({ attributeValueLength: 1e9 });
    const tracer = new TracerProvider({ spanProcessors: [cut, pipeline.processor] }).getTracer('app');
    spans(10);
    const span = make(tracer);
    if (span.isRecording()) span.end();
    spans(10);
    await pipeline.flush(5_000);

    const { accepted, dropped, rejected } = balance();
    const lost = poison[protocol].has(name) ? 1 : 0;
    expect([accepted, dropped.poison ?? 0, rejected]).toEqual([21 - lost, lost, 0]);
    const good = [...collector.acked.keys()].filter((one) => one.startsWith('span '));
    expect(good).toHaveLength(20);
    expect(collector.undecodable).toBe(0);
    for (const { bytes } of collector.requests) expect(bytes).toBeLessThan(250_000);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });
});
