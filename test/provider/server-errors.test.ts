// What a server span says about how its exchange ended, with the real instrumentation and real sockets.
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isErrorSpan } from '../../src/sampling/is-error.ts';
import { http, instrumentations } from './keep-rig.ts';
import { takeSpans } from './traced.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
type Client = (socket: Socket) => void;

let handle: Handler = () => {};
const server = http.createServer((request, response) => handle(request, response));
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
});
afterAll(() => {
  for (const instrumentation of instrumentations) instrumentation.disable();
  server.closeAllConnections();
  server.close();
});

/** One request; `client` acts once the handler has run. Gives the server's span when the response is closed. */
async function serve(handler: Handler, client: Client = () => {}, post = false): Promise<ReadableSpan> {
  takeSpans();
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => {}).resume();
  const closed = new Promise<void>((resolve) => {
    handle = (request, response) => {
      request.on('error', () => {});
      response.on('error', () => {}).on('close', () => setImmediate(resolve));
      handler(request, response);
      client(socket);
    };
  });
  socket.write(
    post ? 'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99\r\n\r\nhalf' : 'GET / HTTP/1.1\r\nHost: x\r\n\r\n',
  );
  await closed;
  socket.destroy();
  const span = takeSpans().find(({ kind }) => kind === 1);
  if (span === undefined) throw new Error('no server span');
  return span;
}

const nothing: Handler = () => {};
const half: Handler = (_, response) => response.write('half');
const endless: Handler = (_, response) => {
  response.flushHeaders();
  const timer = setInterval(() => response.write('x'.repeat(100_000)), 1);
  response.on('close', () => clearInterval(timer));
};
/** Also what a proxy hands on from its upstream. */
const reset = Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
const broken = () =>
  new Readable({
    read() {
      this.destroy(new Error('source'));
    },
  });

describe('the server gave up:', () => {
  test.each<[string, Handler]>([
    ['destroyed', (_, r) => r.destroy()],
    ['destroyed for a reason', (_, r) => r.destroy(new Error('reason'))],
    ['destroyed for a reset somewhere else', (_, r) => r.destroy(reset)],
    ['destroyed half-way', (_, r) => r.write('half', () => r.destroy())],
    ['its socket destroyed', (request) => request.socket.destroy()],
    ['its request destroyed', (request) => request.destroy(new Error('reason'))],
    ['a source broke', (_, r) => pipeline(broken(), r, () => {})],
    ['a timeout of the socket', (request) => request.socket.setTimeout(10, () => request.socket.destroy())],
    [
      'an event stream broke',
      (_, r) => {
        r.writeHead(200, { 'Content-Type': 'text/event-stream' });
        r.write('data: 1\n\n', () => r.destroy(new Error('reason')));
      },
    ],
    ['it answered 500', (_, r) => r.writeHead(500).end()],
  ])('%s', async (_, handler) => {
    const span = await serve(handler);
    expect(isErrorSpan(span)).toBe(true);
    expect(span.attributes['keeptrace.client_left']).toBeUndefined();
  });
});

describe('the client left:', () => {
  test.each<[string, Handler, Client, boolean?]>([
    ['it closed', nothing, (socket) => socket.end()],
    ['it was destroyed', nothing, (socket) => socket.destroy()],
    ['it reset', nothing, (socket) => socket.resetAndDestroy()],
    ['half-way', half, (socket) => socket.end()],
    ['with a reset half-way', half, (socket) => socket.resetAndDestroy()],
    ['with a reset amid writing', endless, (socket) => socket.resetAndDestroy()],
    ['in the middle of its own request', nothing, (socket) => socket.destroy(), true],
    ['amid a pipeline', (_, r) => pipeline(new Readable({ read() {} }), r, () => {}), (socket) => socket.destroy()],
    [
      'and the app then gave up, too',
      (q, r) => q.on('aborted', () => r.destroy(new Error('gone'))),
      (s) => s.destroy(),
    ],
  ])('%s', async (_, handler, client, post) => {
    const span = await serve(handler, client, post);
    expect(isErrorSpan(span)).toBe(false);
    expect(span.attributes['keeptrace.client_left']).toBe(true);
    // Nothing was sent, so there is no status to tell.
    expect('http.response.status_code' in span.attributes).toBe(handler === half || handler === endless);
  });
});

test('a response that went out whole is no error, and nobody left', async () => {
  const span = await serve((_, r) => r.writeHead(404).end());
  expect(isErrorSpan(span)).toBe(false);
  expect(span.attributes).not.toHaveProperty(['keeptrace.client_left']);
});
