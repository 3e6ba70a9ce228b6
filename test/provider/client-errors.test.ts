// What a client span says about how its call ended, with the real instrumentations and real sockets.
import { once } from 'node:events';
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isErrorSpan } from '../../src/sampling/is-error.ts';
import { withSpan } from '../../src/span/with-span.ts';
import { http, instrumentations } from './keep-rig.ts';
import { takeSpans } from './traced.ts';

const server = http.createServer((request, response) => {
  const { socket } = request;
  switch (request.url) {
    case '/reset':
      return socket.resetAndDestroy();
    case '/close':
      return socket.end();
    case '/half':
      return response.write('half');
    case '/half-reset':
      return response.write('half', () => setTimeout(() => socket.resetAndDestroy(), 10));
    case '/half-close':
      return response.write('half', () => setTimeout(() => socket.destroy(), 10));
    case '/never':
      return;
    case '/long':
      return response.end('x'.repeat(1_000_000));
    case '/until-the-end':
      socket.write('HTTP/1.0 200 OK\r\n\r\nall');
      return socket.end();
    default:
      return response.writeHead(Number(request.url?.slice(1))).end('whole');
  }
});
let port: number;
beforeAll(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  for (const instrumentation of instrumentations) instrumentation.disable();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => void takeSpans());

async function clientSpan(): Promise<ReadableSpan> {
  for (let i = 0; i < 500; i += 1) {
    const span = takeSpans().find(({ kind }) => kind === 2);
    if (span !== undefined) return span;
    await sleep(5);
  }
  throw new Error('no client span');
}

type Act = (request: ClientRequest, response?: IncomingMessage) => void;
/** Makes a request and acts on it: at once, or when the headers have come. */
function request(path: string, options: RequestOptions, act: Act, mid: boolean): Promise<ReadableSpan> {
  const made = http.request({ host: '127.0.0.1', port, path, agent: false, ...options });
  made.on('error', () => {});
  made.on('response', (response) => {
    response.on('error', () => {}).on('data', () => {});
    if (mid) setTimeout(act, 10, made, response);
  });
  made.end();
  if (!mid) made.on('socket', (socket) => socket.on('connect', () => setTimeout(act, 10, made)));
  return clientSpan();
}
const idle: Act = () => {};
const abort = () => {
  const controller = new AbortController();
  return { signal: controller.signal, act: () => controller.abort() };
};

describe('a call by http is an error:', () => {
  test.each<[string, string, (() => RequestOptions)?, Act?]>([
    ['nobody listens', '/', () => ({ port: 1 })],
    ['the connection was reset', '/reset'],
    ['the connection was closed', '/close'],
    ['the answer broke off', '/half-reset'],
    ['the answer ended early', '/half-close'],
    ['the deadline of a signal passed', '/never', () => ({ signal: AbortSignal.timeout(30) })],
    ['it passed amid the answer', '/half', () => ({ signal: AbortSignal.timeout(60) })],
    ['one of two signals was a deadline', '/never', () => ({ signal: AbortSignal.any([AbortSignal.timeout(30)]) })],
    [
      'a timeout was answered by destroy',
      '/never',
      () => ({ timeout: 20 }),
      (made) => made.on('timeout', () => made.destroy()),
    ],
    ['a timeout set later was', '/never', () => ({}), (made) => made.setTimeout(20, () => made.destroy())],
    ['it was destroyed for a reason', '/never', () => ({}), (made) => made.destroy(new Error('reason'))],
    ['it was answered 503', '/503'],
  ])('%s', async (_, path, options = () => ({}), act = idle) => {
    const span = await request(path, options(), act, false);
    expect([isErrorSpan(span), span.attributes['error.type']]).toEqual([true, expect.any(String)]);
  });

  test('the deadline passed while it waited for a free connection', async () => {
    const agent = new http.Agent({ maxSockets: 1 });
    const first = http.get({ host: '127.0.0.1', port, path: '/never', agent }).on('error', () => {});
    const signal = AbortSignal.timeout(30);
    // Node tells the second of its end when a connection is free.
    signal.addEventListener('abort', () => setTimeout(() => first.destroy(), 10));
    const second = http.get({ host: '127.0.0.1', port, path: '/200', agent, signal }).on('error', () => {});
    await new Promise((resolve) => second.on('close', resolve));
    const types = takeSpans().map((span) => [isErrorSpan(span), span.attributes['error.type']]);
    expect(types).toContainEqual([true, 'TimeoutError']);
    agent.destroy();
  });
});

test('an error that cannot be looked at reaches the app as it is', async () => {
  const nasty = Object.defineProperty(new Error('nasty'), 'cause', {
    get() {
      throw new Error('getter');
    },
  });
  nasty.name = 'AbortError';
  const made = http.get({ host: '127.0.0.1', port, path: '/never', agent: false });
  const got = new Promise((resolve) => made.on('error', resolve));
  made.on('socket', () => made.destroy(nasty));
  expect(await got).toBe(nasty);
});

describe('a call by http is none:', () => {
  test.each<[string, string, boolean]>([
    ['the app aborted it', '/never', false],
    ['the app aborted it amid the answer', '/half', true],
  ])('%s', async (_, path, mid) => {
    const { signal, act } = abort();
    const span = await request(path, { signal }, act, mid);
    expect([isErrorSpan(span), span.attributes['error.type']]).toEqual([false, 'AbortError']);
  });

  test.each<[string, string, Act, boolean, RequestOptions?]>([
    ['the app destroyed it', '/never', (made) => made.destroy(), false],
    ['the app destroyed it amid the answer', '/half', (made) => made.destroy(), true],
    ['the app destroyed the answer', '/half', (_, response) => response?.destroy(), true],
    ['the app destroyed it long before its timeout', '/never', (made) => made.destroy(), false, { timeout: 60_000 }],
    // Its sockets have a timeout by default.
    ['the app destroyed an answer of the global agent', '/half', (made) => made.destroy(), true, { agent: undefined }],
    ['it was answered 404', '/404', idle, false],
    ['it was answered 200', '/200', idle, false],
    ['its answer was long', '/long', idle, false],
    ['its answer had no length', '/until-the-end', idle, false],
  ])('%s', async (_, path, act, mid, options = {}) => {
    expect(isErrorSpan(await request(path, options, act, mid))).toBe(false);
  });
});

test('a call that the app destroyed while it waited for a free connection is none', async () => {
  const agent = new http.Agent({ maxSockets: 1 });
  const first = http.get({ host: '127.0.0.1', port, path: '/never', agent }).on('error', () => {});
  const second = http.get({ host: '127.0.0.1', port, path: '/200', agent }).on('error', () => {});
  const ended = new Promise((resolve) => second.on('close', resolve));
  second.destroy();
  first.destroy();
  await ended;
  const span = takeSpans().find((one) => one.attributes['url.full'] === `http://127.0.0.1:${port}/200`);
  expect([span && isErrorSpan(span), span?.attributes['error.type']]).toEqual([false, 'AbortError']);
  agent.destroy();
});

test('a call that became a connection of its own is none', async () => {
  server.on('upgrade', (_, socket) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
  });
  const headers = { Connection: 'Upgrade', Upgrade: 'x' };
  const made = http.get({ host: '127.0.0.1', port, headers, agent: false });
  const [, socket] = await once(made, 'upgrade');
  socket.destroy();
  expect(isErrorSpan(await clientSpan())).toBe(false);
});

describe('a fetch', () => {
  const go = async (path: string, options: RequestInit = {}, to = port) => {
    await fetch(`http://127.0.0.1:${to}${path}`, options)
      .then((response) => response.text())
      .catch(() => {});
    return clientSpan();
  };
  test.each<[string, string, (() => RequestInit)?]>([
    ['that is reset', '/reset'],
    ['that breaks off', '/half-reset'],
    ['that ends early', '/half-close'],
    ['whose deadline passes', '/never', () => ({ signal: AbortSignal.timeout(30) })],
    ['whose deadline passes amid the answer', '/half', () => ({ signal: AbortSignal.timeout(60) })],
    ['that is answered 500', '/500'],
  ])('%s is an error', async (_, path, options) => {
    const span = await go(path, options?.());
    expect([isErrorSpan(span), span.attributes['error.type']]).toEqual([true, expect.any(String)]);
  });

  test('that nobody listens to is an error', async () => {
    const closed = http.createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port: free } = closed.address() as AddressInfo;
    await new Promise((resolve) => closed.close(resolve));
    const span = await go('/', {}, free);
    expect([isErrorSpan(span), span.attributes['error.type']]).toEqual([true, 'ECONNREFUSED']);
  });

  test.each([
    ['that the app aborts', '/never', 20],
    ['that the app aborts amid the answer', '/half', 60],
  ])('%s is none', async (_, path, ms) => {
    const { signal, act } = abort();
    setTimeout(act, ms);
    expect(isErrorSpan(await go(path, { signal }))).toBe(false);
  });

  test('that is answered 404 is none, although its span says ERROR', async () => {
    const span = await go('/404');
    expect([isErrorSpan(span), span.status.code]).toEqual([false, 2]);
  });
});

describe('work in withSpan', () => {
  const run = async (work: (signal: AbortSignal) => unknown, signal = AbortSignal.timeout(10_000)) => {
    await Promise.resolve(withSpan('work', async () => work(signal))).catch(() => {});
    return takeSpans().find(({ name }) => name === 'work') as ReadableSpan;
  };
  const pause = (signal: AbortSignal) => sleep(5_000, undefined, { signal });
  test('that rejects is an error, as is one that throws', async () => {
    expect(isErrorSpan(await run(() => Promise.reject(new Error('no'))))).toBe(true);
    expect(() =>
      withSpan('thrown', () => {
        throw new Error('no');
      }),
    ).toThrow();
    expect(takeSpans().map((span) => isErrorSpan(span))).toEqual([true]);
  });

  test('that the app calls off is none; that runs out of time is one', async () => {
    expect(isErrorSpan(await run(pause, AbortSignal.abort()))).toBe(false);
    expect(isErrorSpan(await run(pause, AbortSignal.timeout(20)))).toBe(true);
    expect(isErrorSpan(await run(() => AbortSignal.abort().throwIfAborted()))).toBe(false);
  });

  test('whose error is recorded without a status is one, and while it still runs, too', async () => {
    let open: ReadableSpan | undefined;
    withSpan('work', (span) => {
      span.recordException(new Error('handled'));
      open = span as unknown as ReadableSpan;
      expect(isErrorSpan(open)).toBe(true);
    });
    expect(takeSpans().map((span) => isErrorSpan(span))).toEqual([true]);
  });
});
