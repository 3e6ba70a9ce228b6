import { EventEmitter } from 'node:events';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { context, diag, SpanStatusCode, trace } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { httpOpinions, pathMatcher } from '../../src/provider/http-opinions.ts';
import { provider, takeSpans } from './traced.ts';

const instrumentation = new HttpInstrumentation(
  httpOpinions({ ignorePaths: ['/healthz', '/internal/*'], redact: true, redactKeys: ['iban'] }),
);
instrumentation.setTracerProvider(provider);
// Only what comes through require is patched in this process.
const http: typeof import('node:http') = createRequire(import.meta.url)('http');

type Handler = (request: import('node:http').IncomingMessage, response: import('node:http').ServerResponse) => void;
let handle: Handler = (_, response) => response.end();
const server = http.createServer((request, response) => handle(request, response));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve())));
afterAll(() => {
  instrumentation.disable();
  server.closeAllConnections();
  return new Promise<void>((resolve) => server.close(() => resolve()));
});

/** Sends one request and gives the server's span for it, once the server is done. */
async function serve(target: string, handler: Handler, method = 'GET'): Promise<ReadableSpan | undefined> {
  const done = new EventEmitter();
  handle = (request, response) => {
    response.on('close', () => setImmediate(() => done.emit('closed')));
    handler(request, response);
  };
  const closed = new Promise((resolve) => done.once('closed', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => {
    const request = http.request({ host: '127.0.0.1', port, path: target, method, agent: false }, (response) => {
      response.on('error', () => {});
      response.resume().on('close', () => resolve());
    });
    request.on('error', () => resolve());
    request.end();
  });
  await closed;
  return takeSpans().find(({ kind }) => kind === 1);
}

describe('a server span', () => {
  test('is named by the path’s template, and claims no route', async () => {
    const span = await serve('/orders/17?iban=CANARY', (_, response) => response.end());
    expect(span?.name).toBe('GET /orders/{id}');
    expect(span?.attributes).not.toHaveProperty(['http.route']);
    expect(span?.attributes['url.query']).toBe('iban=REDACTED');
  });

  test.each([
    ['/graphql', '/', 'GET /graphql'],
    ['/static/docs/intro?x=1', '/docs/intro?x=1', 'GET /static/docs/intro'],
    ['/app', 7, 'GET /app'],
  ])('is named by the whole path where the framework strips the mount: %s as %s', async (target, stripped, name) => {
    const span = await serve(target, (request, response) => {
      const own = request as { url?: string; originalUrl?: unknown };
      if (typeof stripped === 'string') [own.originalUrl, own.url] = [own.url, stripped];
      else own.originalUrl = stripped;
      response.end();
    });
    expect(span?.name).toBe(name);
  });

  test('takes the route that the app sets on the active span', async () => {
    const span = await serve('/orders/17', (_, response) => {
      trace.getActiveSpan()?.setAttribute('http.route', '/orders/:order');
      response.end();
    });
    expect(span?.name).toBe('GET /orders/:order');
  });

  test('takes the route of a child span that knows it, the innermost first', async () => {
    const tracer = trace.getTracer('framework');
    const span = await serve('/orders/17', (_, response) => {
      const outer = tracer.startSpan('mount', { attributes: { 'http.route': '/orders' } });
      const inner = tracer.startSpan(
        'handler',
        { attributes: { 'http.route': '/orders/:id' } },
        trace.setSpan(context.active(), outer),
      );
      tracer.startSpan('catch-all', { attributes: { 'http.route': '/*' } }).end();
      inner.end();
      outer.end();
      response.end();
    });
    expect(span?.name).toBe('GET /orders/:id');
    expect(span?.attributes['http.route']).toBe('/orders/:id');
  });

  test('does not take the route of a catch-all', async () => {
    const span = await serve('/orders/17', (_, response) => {
      trace.getActiveSpan()?.setAttribute('http.route', '/*');
      response.end();
    });
    expect(span?.name).toBe('GET /orders/{id}');
  });

  test.each([
    ['PROPFIND', '/orders/17', 200, 'HTTP /orders/{id}'],
    ['POST', '/orders', 201, 'POST /orders'],
    ['GET', '/wp-login.php', 404, 'GET'],
    ['OPTIONS', '*', 200, 'OPTIONS'],
    ['GET', 'http://shop.test/orders/17', 200, 'GET /orders/{id}'],
  ])('of %s %s answered %d is %s', async (method, target, status, name) => {
    const span = await serve(target, (_, response) => response.writeHead(status).end(), method);
    expect(span?.name).toBe(name);
  });

  test('is an error when the response is destroyed, with the cause that was given', async () => {
    const cause = Object.assign(new Error('upstream gone'), { code: 'EUPSTREAM' });
    const span = await serve('/cut', (_, response) => response.destroy(cause));
    expect(span?.status.code).toBe(SpanStatusCode.ERROR);
    expect(span?.attributes['error.type']).toBe('EUPSTREAM');
    expect(span?.attributes).not.toHaveProperty(['http.response.status_code']);
  });

  test.each([
    ['set', (response: import('node:http').ServerResponse) => response.setHeader('Content-Type', 'text/event-stream')],
    [
      'written',
      (response: import('node:http').ServerResponse) =>
        response.writeHead(200, { 'Content-Type': 'text/event-stream; charset=utf-8' }),
    ],
  ])('is no error when an event stream is left (header %s)', async (_, prepare) => {
    const span = await serve('/events', (_request, response) => {
      prepare(response);
      response.write('data: 1\n\n', () => response.destroy());
    });
    expect(span?.status.code).toBe(SpanStatusCode.UNSET);
  });

  test('is not made for an ignored path, nor is anything inside', async () => {
    let inside: ReadableSpan[] = [];
    for (const path of ['/healthz', '/healthz/', '/healthz?x=1', '/internal/jobs']) {
      const span = await serve(path, (_, response) => {
        trace.getTracer('t').startSpan('inner').end();
        response.end();
      });
      expect(span).toBeUndefined();
      inside = inside.concat(takeSpans().filter(({ name }) => name === 'inner'));
    }
    expect(inside).toEqual([]);
    expect((await serve('/healthzz', (_, response) => response.end()))?.name).toBe('GET /healthzz');
  });

  test('is named by its method alone after 300 different paths, which is said once', async () => {
    const warn = vi.fn();
    diag.setLogger({ warn, error() {}, info() {}, debug() {}, verbose() {} });
    const letters = 'abcdefghijklmnopqrst';
    for (let i = 0; i < 320; i += 1) {
      await serve(`/${letters[i % 20]}x/${letters[Math.floor(i / 20)]}y`, (_, response) => response.end());
    }
    expect((await serve('/something/new', (_, response) => response.end()))?.name).toBe('GET');
    expect(warn.mock.calls.filter(([text]) => String(text).includes('more different paths'))).toHaveLength(1);
    diag.disable();
  });
});

describe('a client span', () => {
  test('with a method nobody knows is called HTTP', async () => {
    handle = (_, response) => response.end();
    const { port } = server.address() as AddressInfo;
    await new Promise<void>((resolve) => {
      http
        .request({ host: '127.0.0.1', port, method: 'PURGE', agent: false }, (r) => r.resume().on('end', resolve))
        .end();
    });
    const span = takeSpans().find(({ kind }) => kind === 2);
    expect(span?.name).toBe('HTTP');
    expect(span?.attributes['http.request.method']).toBe('_OTHER');
    expect(span?.attributes['http.request.method_original']).toBe('PURGE');
  });
});

describe('ignored paths', () => {
  const ignored = pathMatcher(['/healthz', '/metrics/', '/internal/*']);
  test.each([
    ['/healthz', true],
    ['/healthz/', true],
    ['/healthz?verbose', true],
    ['/healthz#x', true],
    ['http://a.test/healthz', true],
    ['/metrics', true],
    ['/internal/', true],
    ['/internal/x/y', true],
    ['/internal', false],
    ['/healthcare', false],
    ['/Healthz', false],
    ['/x?/healthz', false],
    ['*', false],
    [undefined, false],
  ])('%s: %s', (url, expected) => {
    expect(ignored(url)).toBe(expected);
  });
});
