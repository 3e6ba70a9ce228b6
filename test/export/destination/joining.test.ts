// After an outage several batches go in one request: nothing may be lost, doubled or refused because of that.
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterEach, describe, expect, test } from 'vitest';
import { joinBodies } from '../../../src/export/destination/join-bodies.ts';
import { splitBody } from '../../../src/export/destination/split-body.ts';
import { decodeTraces } from '../../../src/receiver/otlp-decode.ts';
import { everySpan, readable } from '../../receiver/spans.ts';
import { type Choosy, startChoosyCollector } from '../choosy-collector.ts';
import { closeRigs, createRig, type RigOptions } from '../rig.ts';

afterEach(closeRigs);

const serializers = { json: JsonTraceSerializer, protobuf: ProtobufTraceSerializer };

describe.each(['json', 'protobuf'] as const)('%s', (encoding) => {
  const encode = (...args: Parameters<typeof JsonTraceSerializer.serializeRequest>) =>
    serializers[encoding].serializeRequest(...args)!;

  test('several requests are one, span by span', () => {
    const bodies = [encode(everySpan()), encode([readable({ n: 20 })]), encode(everySpan()), encode([])];
    const joint = joinBodies(bodies, encoding);
    expect(decodeTraces(joint, encoding)).toEqual(bodies.flatMap((body) => decodeTraces(body, encoding)));
    expect(decodeTraces(joinBodies([encode([])], encoding), encoding)).toEqual([]);
  });

  test('halves join to the whole', () => {
    const body = encode(everySpan());
    const halves = splitBody(body, encoding)!.map(({ bytes }) => bytes);
    expect(decodeTraces(joinBodies(halves, encoding), encoding)).toEqual(decodeTraces(body, encoding));
  });
});

test('JSON in another form than that of the official serializer is joined, too', () => {
  const bodies = [
    '{ "resourceSpans": [ {"a": 1} ] }',
    '{}',
    '{"resourceSpans":[]}',
    '{"resourceSpans":[{"b":2}],"x":1}',
  ];
  const joint = joinBodies(
    bodies.map((text) => Buffer.from(text)),
    'json',
  );
  expect(JSON.parse(Buffer.from(joint).toString())).toEqual({ resourceSpans: [{ a: 1 }, { b: 2 }] });
});

/** 3,000 spans in 30 batches, of which the first attempts find the collector failing. */
async function afterOutage(judge: Choosy['judge'], options: RigOptions = {}) {
  const collector = await startChoosyCollector(() => 503);
  const rig = await createRig({ collector, pipeline: { batchSize: 100 }, ...options });
  rig.spans(3_000);
  await collector.until(() => rig.events.retrying.length >= 2);
  collector.requests.length = 0;
  collector.answers.length = 0;
  collector.judge = judge;
  await collector.until(() => rig.pipeline.stats().queued === 0);
  expect([...collector.acked.values()].every((times) => times === 1)).toBe(true);
  return { ...rig, collector };
}

const all: [string, 'none' | 'gzip'][] = [
  ['http/protobuf', 'none'],
  ['http/protobuf', 'gzip'],
  ['http/json', 'none'],
  ['http/json', 'gzip'],
];

test.each(all)(
  'what waited goes in few requests, each span once: %s, compression %s',
  async (protocol, compression) => {
    const { collector, balance } = await afterOutage(() => 200, {
      otlp: { protocol: protocol as 'http/json', compression },
    });
    expect(balance()).toMatchObject({ accepted: 3_000, rejected: 0, dropped: {} });
    // The probe alone, then the rest together.
    expect(collector.answers[0]!.spanCount).toBe(100);
    expect(collector.requests.length).toBeLessThanOrEqual(5);
    for (const { headers } of collector.requests) {
      expect(headers['content-encoding']).toBe(compression === 'gzip' ? 'gzip' : undefined);
    }
  },
);

test('JSON, which says the same in more bytes, is given twice as many to make up for an outage', async () => {
  const most = async (protocol: 'http/json' | 'http/protobuf') => {
    const { collector } = await afterOutage(() => 200, { otlp: { protocol }, limits: { joinBytes: 150_000 } });
    return Math.max(...collector.answers.map(({ spanCount }) => spanCount));
  };
  const [json, protobuf] = [await most('http/json'), await most('http/protobuf')];
  expect(protobuf).toBeGreaterThan(300);
  expect(json).toBeGreaterThan(0.35 * protobuf);
});

test('a bad span in a joint request costs itself', async () => {
  const { balance } = await afterOutage((seen) => (seen.some(({ name }) => name === 'span 1234') ? 400 : 200));
  expect(balance()).toMatchObject({ accepted: 2_999, rejected: 1, dropped: {} });
});

test('a joint request that is too large is taken apart again, and the next is smaller', async () => {
  const limit = 30_000;
  const { collector, balance } = await afterOutage((_seen, bytes) => (bytes > limit ? 413 : 200), {
    limits: { joinBytes: 40_000, concurrency: 1 },
  });
  expect(balance()).toMatchObject({ accepted: 3_000, rejected: 0, dropped: {} });
  expect(collector.answers.filter(({ status }) => status === 413)).toHaveLength(1);
  expect(Math.max(...collector.answers.slice(5).map(({ spanCount }) => spanCount))).toBeGreaterThan(100);
});

test('a joint request that is refused for what nobody can help costs no more than the batches alone would', async () => {
  let n = 0;
  const { balance } = await afterOutage((seen) => (seen.length > 100 && n++ === 0 ? 500 : 200));
  expect(balance()).toMatchObject({ accepted: 3_000, rejected: 0 });
});

test('what a joint request loses by partial success is counted once', async () => {
  const rejected = (count: number) => Buffer.from(JSON.stringify({ partialSuccess: { rejectedSpans: String(count) } }));
  let n = 0;
  const { balance, events } = await afterOutage((seen) =>
    seen.length > 500 && n++ === 0
      ? { status: 200, headers: { 'content-type': 'application/json' }, body: rejected(130) }
      : 200,
  );
  expect(balance()).toMatchObject({ accepted: 2_870, rejected: 130 });
  expect(events.rejected.reduce((sum, { spans }) => sum + spans, 0)).toBe(130);
});

test('an outage in the middle of draining keeps everything', async () => {
  let n = 0;
  const { balance } = await afterOutage(() => (n++ % 3 === 1 ? 503 : 200), { limits: { joinBytes: 30_000 } });
  expect(balance()).toMatchObject({ accepted: 3_000, rejected: 0, dropped: {} });
});
