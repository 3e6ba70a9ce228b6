import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type ReceivedSpan, type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { type App, runApp } from '../support/processes.ts';

/** By its path, so that it is found from any folder. */
const register = pathToFileURL(
  createRequire(import.meta.url)
    .resolve('keeptrace/register')
    .replace('/cjs/', '/esm/'),
).href;

let receiver: Receiver;
let app: App | undefined;
beforeAll(async () => {
  receiver = await startReceiver();
});
afterEach(async () => {
  app?.kill();
  await app?.exit;
  app = undefined;
});
afterAll(() => receiver.close());

/** Starts an example under the preload and gives the entry span of one request to each of `paths`. */
async function entrySpans(framework: string, paths: string[], env: Record<string, string> = {}, cwd = process.cwd()) {
  receiver.clear();
  app = runApp({
    args: ['--import', register, join(process.cwd(), `examples/${framework}/server.mjs`)],
    cwd,
    env: {
      PORT: '0',
      OTEL_SERVICE_NAME: framework,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '50',
      ...env,
    },
  });
  const base = /http:\S+/.exec(await app.line(/listening on/))?.[0];
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  for (const path of paths) await (await fetch(`${base}${path}`, { headers: { traceparent } })).text();
  const isEntry = ({ scope }: ReceivedSpan) => scope.name === '@opentelemetry/instrumentation-http';
  const spans = await receiver.waitFor((all) => all.filter(isEntry).length === paths.length);
  return paths.map((path) => {
    const span = spans.find((one) => isEntry(one) && one.attributes['url.path'] === path);
    return [
      path,
      span?.kind,
      span?.name,
      span?.attributes['http.route'],
      span?.attributes['http.response.status_code'],
      span?.status.code,
    ];
  });
}

const paths = ['/', '/orders/17', '/orders/17/fail', '/nothing/17'];
/** A request that no route took has the method for a name, whatever the path. */
const unmatched = ['/nothing/17', 'server', 'GET', undefined, 404, 'unset'];
const routed = [
  ['/', 'server', 'GET /', '/', 200, 'unset'],
  ['/orders/17', 'server', 'GET /orders/:id', '/orders/:id', 200, 'unset'],
  ['/orders/17/fail', 'server', 'GET /orders/:id/fail', '/orders/:id/fail', 500, 'error'],
  unmatched,
];

describe('the server span has the route of', () => {
  test('Express, from its own instrumentation', async () => {
    expect(await entrySpans('express', paths)).toEqual(routed);
  });

  test('Express, from the request alone, even when an error handler outside the router answered', async () => {
    const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'express' };
    expect(await entrySpans('express', paths, env)).toEqual(routed);
  });

  test('Fastify, also for a request that fails before its handler', async () => {
    expect(await entrySpans('fastify', [...paths, '/orders/abc'])).toEqual([
      ...routed,
      ['/orders/abc', 'server', 'GET /orders/:id', '/orders/:id', 400, 'unset'],
    ]);
  });

  test('Koa, from its instrumentation; what the router did not match is named by its path', async () => {
    expect(await entrySpans('koa', paths)).toEqual([
      ['/', 'server', 'GET /', undefined, 200, 'unset'],
      ...routed.slice(1),
    ]);
  });

  test('Hono, from the span of its own middleware', async () => {
    expect(await entrySpans('hono', paths)).toEqual(routed);
  });
});

test('an app that is started from another folder has its own instrumentations found', async () => {
  expect(await entrySpans('koa', ['/orders/17'], {}, tmpdir())).toEqual([routed[1]]);
});

test('without any instrumentation of the framework, paths are templated and no route is claimed', async () => {
  const env = { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'koa,fastify' };
  expect(await entrySpans('koa', paths, env)).toEqual([
    ['/', 'server', 'GET /', undefined, 200, 'unset'],
    ['/orders/17', 'server', 'GET /orders/{id}', undefined, 200, 'unset'],
    ['/orders/17/fail', 'server', 'GET /orders/{id}/fail', undefined, 500, 'error'],
    unmatched,
  ]);
});

test('one request makes one span, or two where a middleware of the framework makes its own', async () => {
  for (const [framework, count] of [
    ['express', 1],
    ['fastify', 1],
    ['koa', 2],
    ['hono', 2],
  ] as const) {
    await entrySpans(framework, ['/orders/17']);
    app?.kill();
    await app?.exit;
    expect([framework, receiver.spans.length]).toEqual([framework, count]);
  }
});
