import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { deflateSync, gzipSync } from 'node:zlib';
import { JsonTraceSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { MAX_BODY_BYTES } from '../../src/receiver/request-body.ts';
import { type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { everySpan, readable } from './spans.ts';

const JSON_TYPE = 'application/json';
const PROTOBUF_TYPE = 'application/x-protobuf';
const protobuf = (spans = everySpan()) => Buffer.from(ProtobufTraceSerializer.serializeRequest(spans)!);
const json = (spans = everySpan()) => Buffer.from(JsonTraceSerializer.serializeRequest(spans)!);

let receiver: Receiver;
beforeEach(async () => {
  receiver = await startReceiver();
});
afterEach(() => receiver.close());

interface Answer {
  status: number;
  type: string | undefined;
  body: Buffer;
}

/** node:http rather than fetch, which would not let a test set Host. */
function post(body: Uint8Array, headers: OutgoingHttpHeaders, path = '/v1/traces', method = 'POST'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(receiver.url + path, { method, headers }, (response: IncomingMessage) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode!, type: response.headers['content-type'], body: Buffer.concat(chunks) }),
      );
    });
    request.on('error', reject);
    request.end(body);
  });
}

describe('an export', () => {
  test.each([
    ['JSON', json(), { 'content-type': JSON_TYPE }],
    ['JSON with a charset', json(), { 'content-type': 'application/json; charset=utf-8' }],
    ['gzipped JSON', gzipSync(json()), { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }],
    ['protobuf', protobuf(), { 'content-type': PROTOBUF_TYPE }],
    ['gzipped protobuf', gzipSync(protobuf()), { 'content-type': PROTOBUF_TYPE, 'content-encoding': 'gzip' }],
    ['deflated protobuf', deflateSync(protobuf()), { 'content-type': PROTOBUF_TYPE, 'content-encoding': 'deflate' }],
  ])('is taken as %s and answered with an empty success of that encoding', async (_, body, headers) => {
    const answer = await post(body, headers);
    const encoding = headers['content-type'].split(';')[0]!;
    expect(answer).toEqual({ status: 200, type: encoding, body: Buffer.from(encoding === JSON_TYPE ? '{}' : '') });
    expect(receiver.spans.map((span) => span.name).sort()).toEqual(['span 1', 'span 2', 'span 3', 'span 4', 'span 5']);
    const plain = headers['content-type'].startsWith(JSON_TYPE) ? json() : protobuf();
    expect(receiver.requests).toMatchObject([{ path: '/v1/traces', headers, bytes: plain.length, spanCount: 5 }]);
  });

  test.each(['/v1/logs', '/v1/metrics'])('to %s is answered politely, counted and thrown away', async (path) => {
    expect(await post(json(), { 'content-type': JSON_TYPE }, path)).toMatchObject({ status: 200 });
    expect(receiver.requests).toMatchObject([{ path, bytes: json().length, spanCount: 0 }]);
    expect(receiver.spans).toEqual([]);
  });

  test('can be forgotten', async () => {
    await post(json(), { 'content-type': JSON_TYPE });
    receiver.clear();
    expect([receiver.spans, receiver.requests]).toEqual([[], []]);
  });

  test('beyond the limit pushes out the oldest spans and counts them', async () => {
    await receiver.close();
    receiver = await startReceiver({ maxSpans: 3 });
    await post(json([1, 2].map((n) => readable({ n }))), { 'content-type': JSON_TYPE });
    await post(json([3, 4].map((n) => readable({ n }))), { 'content-type': JSON_TYPE });
    expect(receiver.spans.map((span) => span.name)).toEqual(['span 2', 'span 3', 'span 4']);
    expect(receiver.evictedSpans).toBe(1);
  });
});

describe('refused is', () => {
  test.each([
    ['a form post', 415, json(), { 'content-type': 'text/plain' }],
    ['a body without a type', 415, json(), {}],
    ['an unknown compression', 415, json(), { 'content-type': JSON_TYPE, 'content-encoding': 'br' }],
    ['garbage', 400, Buffer.from('nope'), { 'content-type': JSON_TYPE }],
    ['protobuf garbage', 400, Buffer.alloc(50, 0xff), { 'content-type': PROTOBUF_TYPE }],
    ['broken gzip', 400, Buffer.from('nope'), { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }],
    ['cut gzip', 400, gzipSync(json()).subarray(0, 40), { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }],
    ['a rebound DNS name', 403, json(), { 'content-type': JSON_TYPE, host: 'evil.example' }],
    ['a name that only looks local', 403, json(), { 'content-type': JSON_TYPE, host: 'localhost.evil.example:4318' }],
    ['a page of another origin', 403, json(), { 'content-type': JSON_TYPE, origin: 'http://evil.example' }],
  ])('%s, with %i', async (_, status, body, headers: OutgoingHttpHeaders) => {
    expect(await post(body, headers)).toMatchObject({ status });
    expect(receiver.spans).toEqual([]);
    expect(receiver.requests).toEqual([]);
  });

  test('another path with 404 and another method with 405', async () => {
    expect(await post(json(), { 'content-type': JSON_TYPE }, '/v1/traces/v1/traces')).toMatchObject({ status: 404 });
    expect(await post(Buffer.alloc(0), { 'content-type': JSON_TYPE }, '/v1/traces', 'PUT')).toMatchObject({
      status: 405,
    });
  });

  test('a body that unpacks beyond the cap, with 413 and without holding it', async () => {
    const bomb = gzipSync(Buffer.alloc(MAX_BODY_BYTES * 10));
    expect(bomb.length).toBeLessThan(300_000);
    const before = process.memoryUsage.rss();
    const answer = await post(bomb, { 'content-type': PROTOBUF_TYPE, 'content-encoding': 'gzip' });
    expect(answer.status).toBe(413);
    expect(process.memoryUsage.rss() - before).toBeLessThan(3 * MAX_BODY_BYTES);
  });

  test('a large body only beyond the cap', async () => {
    const padded = (bytes: number) => Buffer.concat([Buffer.from('{}'), Buffer.alloc(bytes - 2, ' ')]);
    expect(
      await post(gzipSync(padded(MAX_BODY_BYTES)), { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }),
    ).toMatchObject({ status: 200 });
    expect(
      await post(gzipSync(padded(MAX_BODY_BYTES + 1)), { 'content-type': JSON_TYPE, 'content-encoding': 'gzip' }),
    ).toMatchObject({ status: 413 });
  });

  test('explained in the encoding of the request', async () => {
    const asJson = await post(Buffer.from('nope'), { 'content-type': JSON_TYPE });
    expect(JSON.parse(asJson.body.toString())).toEqual({ message: 'the body is not JSON' });
    const asProtobuf = await post(Buffer.from([0x0b]), { 'content-type': PROTOBUF_TYPE });
    expect(asProtobuf.type).toBe(PROTOBUF_TYPE);
    expect(asProtobuf.body.subarray(0, 2)).toEqual(Buffer.from([0x12, asProtobuf.body.length - 2]));
    expect(asProtobuf.body.subarray(2).toString()).toBe('protobuf wire type 3 is not used by OTLP');
  });
});

test.each(['localhost', '127.0.0.1', '[::1]'])('Host %s is let in, with any port', async (host) => {
  expect(await post(json(), { 'content-type': JSON_TYPE, host: `${host}:1234` })).toMatchObject({ status: 200 });
});

describe('waitFor', () => {
  const names = (spans: { name: string }[]) => spans.map((span) => span.name);

  test('resolves with what is there already', async () => {
    await post(json([readable()]), { 'content-type': JSON_TYPE });
    expect(names(await receiver.waitFor((spans) => spans.length > 0))).toEqual(['span 1']);
  });

  test('resolves on the arrival that makes the condition true', async () => {
    const seen: number[] = [];
    const waiting = receiver.waitFor((spans) => seen.push(spans.length) > 0 && spans.length === 2);
    await post(json([readable({ n: 1 })]), { 'content-type': JSON_TYPE });
    await post(json([readable({ n: 2 })]), { 'content-type': JSON_TYPE });
    expect(names(await waiting)).toEqual(['span 1', 'span 2']);
    expect(seen).toEqual([0, 1, 2]);
  });

  test('rejects at the deadline and tells what did arrive', async () => {
    await post(json([readable()]), { 'content-type': JSON_TYPE });
    await expect(receiver.waitFor(() => false, 20)).rejects.toThrow(
      'the spans waited for did not arrive in 20 ms; 1 spans have arrived, the last ones:\n  shop-api: span 1',
    );
  });

  test('rejects when the condition throws, and the sender gets its answer all the same', async () => {
    const waiting = receiver.waitFor((spans) => {
      if (spans.length > 0) throw new Error('in the condition');
      return false;
    });
    const outcome = expect(waiting).rejects.toThrow('in the condition');
    expect(await post(json(), { 'content-type': JSON_TYPE })).toMatchObject({ status: 200 });
    await outcome;
  });

  test('rejects when the receiver closes', async () => {
    const outcome = expect(receiver.waitFor(() => false)).rejects.toThrow('the receiver was closed');
    await receiver.close();
    await outcome;
  });
});

test.each([
  ['an idle one', '{}'],
  ['one in the middle of a request', '{}POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n'],
])('close ends keep-alive connections at once: %s', async (_, rest) => {
  const { hostname, port } = new URL(receiver.url);
  const socket = connect(Number(port), hostname);
  const closed = new Promise((resolve) => socket.on('close', resolve));
  const answered = new Promise((resolve) => socket.once('data', resolve));
  const head =
    'POST /v1/traces HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n';
  socket.write(head + rest);
  await answered;
  const before = performance.now();
  await receiver.close();
  await closed;
  expect(performance.now() - before).toBeLessThan(1000);
});

test('a port in use is an error, not a hang', async () => {
  const port = Number(new URL(receiver.url).port);
  await expect(startReceiver({ port })).rejects.toThrow('EADDRINUSE');
});
