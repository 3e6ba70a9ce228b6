import { deflateSync, gzipSync } from 'node:zlib';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { About, ServiceMap, TraceJson, TraceSummary } from '../../../src/cli/dev/contract.ts';
import { resourceSpans } from '../../../src/cli/dev/otlp-export.ts';
import type { Viewer } from '../../../src/cli/dev/viewer.ts';
import { decodeTraces } from '../../../src/receiver/otlp-decode.ts';
import { everySpan } from '../../receiver/spans.ts';
import { ask, EPOCH, getJson, idOf, listen, send, span, testViewer, traceIdOf } from './rig.ts';

let viewer: Viewer;
beforeEach(async () => {
  viewer = await testViewer();
});
afterEach(() => viewer.close());

type Traces = { traces: (TraceSummary & { column?: string })[]; held: number; seq: number };
const traces = (question = '') => getJson<Traces>(`${viewer.url}/api/traces${question}`);
const names = async (question: string) => (await traces(question)).traces.map(({ name }) => name);
const export_ = (path: string, body: Uint8Array, headers: Record<string, string>) =>
  ask(viewer.url + path, { method: 'POST', body, headers });

describe('an export', () => {
  const json = Buffer.from(JsonTraceSerializer.serializeRequest(everySpan())!);
  const protobuf = Buffer.from(ProtobufTraceSerializer.serializeRequest(everySpan())!);

  test.each([
    ['JSON', json, { 'content-type': 'application/json' }],
    ['gzipped JSON', gzipSync(json), { 'content-type': 'application/json', 'content-encoding': 'gzip' }],
    ['protobuf', protobuf, { 'content-type': 'application/x-protobuf' }],
    ['gzipped protobuf', gzipSync(protobuf), { 'content-type': 'application/x-protobuf', 'content-encoding': 'gzip' }],
    [
      'deflated protobuf',
      deflateSync(protobuf),
      { 'content-type': 'application/x-protobuf', 'content-encoding': 'deflate' },
    ],
  ])('is taken as %s', async (_, body, headers) => {
    expect(await export_('/v1/traces', body, headers)).toMatchObject({ status: 200 });
    const { counts } = await getJson<About>(`${viewer.url}/api/about`);
    expect(counts.spans).toBe(everySpan().length);
  });

  test('of logs and of metrics is answered, counted and thrown away', async () => {
    const headers = { 'content-type': 'application/x-protobuf' };
    for (const path of ['/v1/logs', '/v1/logs', '/v1/metrics']) {
      expect(await export_(path, Buffer.from([1, 2, 3]), headers)).toMatchObject({ status: 200 });
    }
    const { counts } = await getJson<About>(`${viewer.url}/api/about`);
    expect(counts).toEqual({ traces: 0, spans: 0, evicted: 0, refusedSpans: 0, logs: 2, metrics: 1 });
  });

  test('that is broken changes nothing and is told why', async () => {
    const answer = await export_('/v1/traces', Buffer.from('{"resourceSpans":7}'), {
      'content-type': 'application/json',
    });
    expect(answer).toMatchObject({ status: 400, text: '{"message":"resourceSpans is not an array"}' });
    expect(await traces()).toMatchObject({ held: 0 });
  });
});

describe('a trace', () => {
  test('is summed up in one row', async () => {
    await send(viewer, [
      span({ id: 'POST /orders', ms: 212, over: { kind: 'server' } }),
      span({ id: 'charge', parent: 'POST /orders', service: 'payments', at: 20, ms: 100 }),
      span({ id: 'ship', parent: 'POST /orders', service: 'worker', at: 200, ms: 300, over: { kind: 'consumer' } }),
    ]);
    expect(await traces()).toEqual({
      held: 1,
      seq: 1,
      traces: [
        {
          traceId: traceIdOf(1),
          name: 'POST /orders',
          startMs: EPOCH,
          durationMs: 500,
          spans: 3,
          services: ['shop', 'payments', 'worker'],
          error: false,
          slow: false,
          verdict: {
            kept: false,
            reason: 'dropped',
            text: 'production would drop it: 10 % of the normal traffic is kept',
          },
          partial: false,
          seq: 1,
        },
      ],
    });
  });

  test('is updated by late spans, and a span that comes twice is one', async () => {
    const root = span({ id: 'GET /' });
    await send(viewer, [span({ id: 'query', parent: 'GET /', at: 2, ms: 3 })]);
    expect((await traces()).traces[0]).toMatchObject({ name: 'query', partial: true, spans: 1, seq: 1 });
    await send(viewer, [root]);
    await send(viewer, [root]);
    expect((await traces()).traces[0]).toMatchObject({ name: 'GET /', partial: false, spans: 2, seq: 3 });
    expect(viewer.store.spanCount).toBe(2);
  });

  test('has its spans by start, with offsets, self times and what they link to', async () => {
    await send(viewer, [span({ trace: traceIdOf(7), id: 'earlier' })]);
    const other = { traceState: '', attributes: { why: 'retry' }, droppedAttributesCount: 0, flags: 0 };
    await send(viewer, [
      span({
        id: 'child',
        parent: 'root',
        at: 30,
        ms: 20,
        over: { attributes: { big: 2n ** 60n, bytes: new Uint8Array([1]), nan: Number.NaN } },
      }),
      span({
        id: 'root',
        ms: 100,
        over: {
          kind: 'unspecified',
          status: { code: 'error', message: 'no' },
          events: [
            {
              name: 'exception',
              timeUnixNano: BigInt(EPOCH + 40) * 1_000_000n,
              attributes: { a: [1] },
              droppedAttributesCount: 0,
            },
          ],
          links: [
            { ...other, traceId: traceIdOf(7), spanId: idOf('earlier') },
            { ...other, traceId: traceIdOf(7), spanId: idOf('never') },
          ],
          droppedLinksCount: 2,
        },
      }),
    ]);
    const { summary, resources, spans } = await getJson<TraceJson>(
      `${viewer.url}/api/traces/${traceIdOf(1).toUpperCase()}`,
    );
    expect(resources).toEqual([{ 'service.name': 'shop' }]);
    expect(summary).toMatchObject({ traceId: traceIdOf(1), error: true });
    const [root, child] = spans;
    expect(root).toEqual({
      spanId: idOf('root'),
      name: 'root',
      kind: 'internal',
      service: 'shop',
      offsetMs: 0,
      durationMs: 100,
      status: 'error',
      statusMessage: 'no',
      critical: true,
      selfMs: 80,
      attributes: {},
      resource: 0,
      scope: { name: 'test', version: '' },
      events: [{ name: 'exception', offsetMs: 40, attributes: { a: [1] } }],
      links: [
        { traceId: traceIdOf(7), spanId: idOf('earlier'), attributes: { why: 'retry' }, here: true },
        { traceId: traceIdOf(7), spanId: idOf('never'), attributes: { why: 'retry' }, here: false },
      ],
      traceState: '',
      flags: 0,
      dropped: { attributes: 0, events: 0, links: 2 },
    });
    expect(child).toMatchObject({
      parentSpanId: idOf('root'),
      offsetMs: 30,
      critical: true,
      attributes: { big: String(2n ** 60n), bytes: 'AQ==', nan: 'NaN' },
    });
  });

  test('tells each resource once, and of every span which is its own', async () => {
    await send(viewer, [
      span({ id: 'root', trace: traceIdOf(3) }),
      span({ id: 'a', parent: 'root', trace: traceIdOf(3), service: 'payments' }),
      span({ id: 'b', parent: 'root', trace: traceIdOf(3), service: 'payments' }),
    ]);
    const { resources, spans } = await getJson<TraceJson>(`${viewer.url}/api/traces/${traceIdOf(3)}`);
    expect(resources).toHaveLength(2);
    const told = spans.map(({ name, resource }) => `${name} ${resources[resource]?.['service.name']}`);
    expect(told.sort()).toEqual(['a payments', 'b payments', 'root shop']);
  });

  test('that is not here is a 404 with a word', async () => {
    const answer = await ask(`${viewer.url}/api/traces/${traceIdOf(99)}`);
    expect([answer.status, answer.text]).toEqual([404, '{"message":"this trace is not held (any more)"}']);
  });

  test('can be taken away and brought to another viewer, all of it', async () => {
    const body = Buffer.from(ProtobufTraceSerializer.serializeRequest(everySpan())!);
    await export_('/v1/traces', body, { 'content-type': 'application/x-protobuf' });
    const { text, headers } = await ask(`${viewer.url}/api/otlp`);
    expect(headers['content-disposition']).toContain('traces.json');
    const sorted = (spans: { spanId: string }[]) => spans.sort((a, b) => (a.spanId < b.spanId ? -1 : 1));
    expect(sorted(decodeTraces(Buffer.from(text), 'json'))).toEqual(sorted(decodeTraces(body, 'protobuf')));

    const [{ traceId } = { traceId: '' }] = (await traces()).traces;
    const one = await ask(`${viewer.url}/api/traces/${traceId}/otlp`);
    await ask(`${viewer.url}/api/traces`, { method: 'DELETE' });
    await export_('/v1/traces', Buffer.from(one.text), { 'content-type': 'application/json' });
    expect((await traces()).traces.map((trace) => trace.traceId)).toEqual([traceId]);
  });
});

test('an export says of every value what it is', () => {
  const attributes = { whole: 7, half: 0.5, huge: 2n ** 60n, none: null, nan: Number.NaN, zero: -0 };
  const text = JSON.stringify(resourceSpans([span({ id: 'a', over: { attributes } })]));
  for (const value of [
    '{"key":"whole","value":{"intValue":"7"}}',
    '{"key":"half","value":{"doubleValue":0.5}}',
    `{"key":"huge","value":{"intValue":"${2n ** 60n}"}}`,
    '{"key":"none","value":{}}',
    '{"key":"nan","value":{"doubleValue":"NaN"}}',
    '{"key":"zero","value":{"doubleValue":0}}',
  ]) {
    expect(text).toContain(value);
  }
});

describe('the list', () => {
  beforeEach(async () => {
    await send(viewer, [
      span({ trace: traceIdOf(1), id: 'quick', ms: 5, over: { attributes: { 'order.id': 7, tags: ['a', 'b'] } } }),
    ]);
    await send(viewer, [
      span({
        trace: traceIdOf(2),
        id: 'failing',
        service: 'payments',
        ms: 50,
        over: { status: { code: 'error', message: 'Card DECLINED' } },
      }),
    ]);
    await send(viewer, [span({ trace: traceIdOf(3), id: 'slow', ms: 2400 })]);
    await send(viewer, [span({ trace: traceIdOf(4, 'f'), id: 'lucky', ms: 20 })]);
  });

  test.each([
    ['', ['lucky', 'slow', 'failing', 'quick']],
    ['?service=payments', ['failing']],
    ['?service=payments&service=shop&error=0', ['lucky', 'slow', 'quick']],
    ['?error=1', ['failing']],
    ['?slow=1', ['slow']],
    ['?kept=1', ['lucky', 'slow', 'failing']],
    ['?kept=0', ['quick']],
    ['?minMs=20&maxMs=50', ['lucky', 'failing']],
    ['?attribute=order.id', ['quick']],
    ['?attribute=order.id%3D7', ['quick']],
    ['?attribute=order.id%3D8', []],
    ['?attribute=tags%3Db', ['quick']],
    ['?attribute=service.name%3Dpayments', ['failing']],
    ['?attribute=order.id&attribute=tags%3Db', ['quick']],
    ['?attribute=order.id&attribute=service.name%3Dpayments', []],
    ['?text=declined', ['failing']],
    ['?text=ORDER.ID', ['quick']],
    ['?text=.*', []],
    ['?text=%5B%22a%22,%22b', ['quick']],
    [`?text=${traceIdOf(3).slice(0, 20)}`, ['slow']],
    ['?limit=2', ['lucky', 'slow']],
    ['?service=&text=&minMs=', ['lucky', 'slow', 'failing', 'quick']],
  ])('answers %s', async (question, expected) => {
    expect(await names(question)).toEqual(expected);
  });

  test('tells an attribute of each trace that has it', async () => {
    const found = (await traces('?column=order.id')).traces.map(({ name, column }) => [name, column]);
    expect(found).toEqual([
      ['lucky', undefined],
      ['slow', undefined],
      ['failing', undefined],
      ['quick', '7'],
    ]);
  });

  test.each([
    ['?minMs=fast', 'minMs is a number from 0 on, not fast'],
    ['?error=maybe', 'error is 1 or 0, not maybe'],
    ['?eror=1', 'there is no parameter eror; there are service, error, '],
  ])('says what is wrong with %s', async (question, message) => {
    const { status, text } = await ask(`${viewer.url}/api/traces${question}`);
    expect(status).toBe(400);
    expect(text).toContain(message);
  });

  test('is emptied by DELETE', async () => {
    expect(await ask(`${viewer.url}/api/traces`, { method: 'DELETE' })).toMatchObject({ status: 204 });
    expect(await traces()).toMatchObject({ traces: [], held: 0 });
    expect(await getJson<About>(`${viewer.url}/api/about`)).toMatchObject({
      counts: { traces: 0, spans: 0, evicted: 0 },
    });
  });
});

test('the map has the calls between services, through parents and through links', async () => {
  await send(viewer, [
    span({ id: 'POST', over: { kind: 'server' } }),
    span({ id: 'call', parent: 'POST', over: { kind: 'client' } }),
    span({
      id: 'charge',
      parent: 'call',
      service: 'payments',
      ms: 8,
      over: { status: { code: 'error', message: '' } },
    }),
    span({ id: 'charge 2', parent: 'call', service: 'payments', ms: 4 }),
    span({ id: 'send', parent: 'POST', over: { kind: 'producer' } }),
  ]);
  const link = {
    traceId: traceIdOf(1),
    spanId: idOf('send'),
    traceState: '',
    attributes: {},
    droppedAttributesCount: 0,
    flags: 0,
  };
  await send(viewer, [
    span({ trace: traceIdOf(2), id: 'batch', service: 'worker', ms: 30, over: { links: [link, link] } }),
  ]);
  expect(await getJson<ServiceMap>(`${viewer.url}/api/map`)).toEqual({
    services: [
      { name: 'worker', spans: 1, errors: 0 },
      { name: 'shop', spans: 3, errors: 0 },
      { name: 'payments', spans: 2, errors: 1 },
    ],
    edges: [
      { from: 'shop', to: 'worker', calls: 1, errors: 0, p50Ms: 30 },
      { from: 'shop', to: 'payments', calls: 2, errors: 1, p50Ms: 4 },
    ],
  });
});

test('the page is told of what is there, what changes, what goes and that all is gone', async () => {
  const small = await testViewer({ limits: { traces: 2 } });
  await send(small, [span({ trace: traceIdOf(1), id: 'one' })]);
  const events = await listen(small);
  expect(await events.next('snapshot')).toMatchObject({ held: 1, traces: [{ name: 'one' }] });
  for (const n of [2, 3]) await send(small, [span({ trace: traceIdOf(n), id: `trace ${n}` })]);
  const told: unknown[] = [];
  const evicted: unknown[] = [];
  while (told.length < 2 || evicted.length < 1) {
    const event = (await events.next('traces')) as { traces: TraceSummary[]; evicted: string[]; held: number };
    told.push(...event.traces.map(({ name }) => name));
    evicted.push(...event.evicted);
    expect(event.held).toBeLessThanOrEqual(2);
  }
  expect([told, evicted]).toEqual([['trace 2', 'trace 3'], [traceIdOf(1)]]);
  await ask(`${small.url}/api/traces`, { method: 'DELETE' });
  expect(await events.next('cleared')).toEqual({});
  events.close();
  await small.close();
});

test('what is running says so, and what to paste', async () => {
  expect(await getJson(`${viewer.url}/healthz`)).toEqual({ name: 'keeptrace dev', version: '1.2.3' });
  expect(await getJson(`${viewer.url}/api/about`)).toMatchObject({
    version: '1.2.3',
    url: viewer.url,
    limit: 500,
    ratio: 0.1,
    slowMs: 1000,
    paste: {
      env: `OTEL_EXPORTER_OTLP_ENDPOINT=${viewer.url}`,
      preload: `OTEL_EXPORTER_OTLP_ENDPOINT=${viewer.url} node --import keeptrace/register server.js`,
      code: `import { initTracing } from 'keeptrace'; initTracing({ endpoint: '${viewer.url}' });`,
    },
  });
});
