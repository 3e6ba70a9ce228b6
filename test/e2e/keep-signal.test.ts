import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type ReceivedSpan, type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { type App, runApp } from '../support/processes.ts';

let receiver: Receiver;
let apps: App[] = [];
beforeAll(async () => {
  receiver = await startReceiver();
});
beforeEach(() => receiver.clear());
afterEach(stop);
afterAll(() => receiver.close());

/** Ends the processes; all that is kept has arrived then. */
async function stop(): Promise<void> {
  for (const app of apps) app.kill();
  await Promise.all(apps.map((app) => app.exit));
  apps = [];
}

async function start(name: string, env: Record<string, string> = {}, script = 'test/e2e/fixtures/keep/service.mjs') {
  const app = runApp({
    args: ['--import', 'keeptrace/register', script],
    env: {
      PORT: '0',
      OTEL_SERVICE_NAME: name,
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      KEEPTRACE_SLOW_MS: 'off',
      ...env,
    },
  });
  apps.push(app);
  return (await app.line(/listening on http/)).replace(/.*(http:\S+)$/, '$1');
}

/** root → middle → leaf, each its own process. */
async function chain(env: Record<string, string> = {}, leafEnv: Record<string, string> = {}): Promise<string> {
  const leaf = await start('leaf', { ...env, ...leafEnv });
  const middle = await start('middle', { ...env, NEXT_URL: leaf });
  return start('root', { ...env, NEXT_URL: middle });
}

async function ask(url: string, headers: Record<string, string> = {}): Promise<Response> {
  const response = await fetch(url, { headers });
  await response.text().catch(() => {});
  return response;
}

/** Of every service that exported anything: the reason its entry span was kept for. */
function reasons(spans: ReceivedSpan[]): Record<string, unknown> {
  const entries = spans.filter(({ kind }) => kind === 'server');
  return Object.fromEntries(
    entries.map((span) => [span.resource['service.name'], span.attributes['keeptrace.reason']]),
  );
}

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-00`;
const tells = new RegExp(`trace;desc=00-${traceId}-[0-9a-f]{16}-01`);

describe.each(['http', 'fetch'])('over three services by %s, none of them sampled at the head,', (client) => {
  // One request each to the same three services, each in a trace of its own.
  const whole = (leaf: string) => ({ leaf, middle: 'response', root: 'response' });
  const cases = [
    ['an error of the leaf keeps the whole path', '/error', whole('error'), true],
    ['one hidden behind a 200 keeps the whole path', '/hidden', whole('error'), true],
    ['one before a stream keeps the whole path', '/stream', whole('error'), true],
    ['what the leaf keeps by hand keeps the whole path', '/manual', whole('manual'), true],
    [
      'a response that breaks off keeps the whole path, by errors on both sides of it',
      '/cut',
      { leaf: 'error', middle: 'error', root: 'error' },
      false,
    ],
    ['an error after the headers keeps the leaf alone, as is documented', '/late', { leaf: 'error' }, false],
  ] as const;
  const traceOf = (path: string) => Buffer.from(path.padEnd(16, '.')).toString('hex');
  const told = new Map<string, string | null>();
  let spans: ReceivedSpan[] = [];

  beforeAll(async () => {
    receiver.clear();
    const url = await chain({ CLIENT: client });
    for (const [, path] of cases) {
      await ask(`${url}/fine`);
      await ask(`${url}/missing`);
      const response = await ask(url + path, { traceparent: `00-${traceOf(path)}-b7ad6b7169203331-00` }).catch(
        () => null,
      );
      told.set(path, response?.headers.get('server-timing') ?? null);
    }
    await stop();
    spans = [...receiver.spans];
  });

  test.each(cases)('%s', (_, path, wanted, tells) => {
    const id = traceOf(path);
    expect(reasons(spans.filter((span) => span.traceId === id))).toEqual(wanted);
    if (tells) expect(told.get(path)).toMatch(new RegExp(`trace;desc=00-${id}-[0-9a-f]{16}-01`));
  });

  test('nothing else is kept', () => {
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set(cases.map(([, path]) => traceOf(path))));
  });

  test('a leaf that alone finds itself slow keeps the whole path', async () => {
    const url = await chain({ CLIENT: client }, { KEEPTRACE_SLOW_MS: '100' });
    await ask(`${url}/fine`);
    await ask(`${url}/slow`, { traceparent });
    await stop();
    expect(reasons(receiver.spans)).toEqual({ leaf: 'slow', middle: 'response', root: 'response' });
  });

  test('nobody is told, and nobody listens, where nobody is trusted', async () => {
    const url = await chain({ CLIENT: client, KEEPTRACE_TRUST_INCOMING: 'none' });
    const response = await ask(`${url}/hidden`, { traceparent });
    expect(response.headers.get('server-timing')).toBeNull();
    await stop();
    expect(reasons(receiver.spans)).toEqual({ leaf: 'error' });
    // The caller's trace is still the parent.
    expect(receiver.spans.every((span) => span.traceId === traceId)).toBe(true);
  });
});

test('a trace that the head had chosen stands for as many traces as before when a callee keeps it', async () => {
  const url = await chain();
  // Randomness above the threshold: one of two such traces is chosen.
  await ask(`${url}/hidden`, {
    traceparent: traceparent.replace(/00$/, '01'),
    tracestate: 'ot=th:8;rv:c0000000000000',
  });
  await stop();
  const entries = receiver.spans.filter(({ kind }) => kind === 'server');
  const weights = entries.map(({ resource, attributes }) => [resource['service.name'], attributes['keeptrace.weight']]);
  expect(Object.fromEntries(weights)).toEqual({ leaf: 1, middle: 2, root: 2 });
  expect(entries.find(({ resource }) => resource['service.name'] === 'root')?.traceState).toContain('th:8');
});

test('nobody without a context is told, although the trace is kept', async () => {
  const url = await start('alone');
  expect((await ask(`${url}/error`)).headers.get('server-timing')).toBe('db;dur=5');
  expect((await ask(`${url}/error`, { traceparent })).headers.get('server-timing')).toMatch(
    new RegExp(`^db;dur=5, ${tells.source}$`),
  );
});

test('a database error behind a 200 keeps the whole path', async () => {
  const db = await PGlite.create();
  const socket = new PGLiteSocketServer({ db, port: 0, host: '127.0.0.1' });
  await socket.start();
  const url = await chain({}, { DATABASE_URL: `postgres://postgres@${socket.getServerConn()}/postgres` });
  await ask(`${url}/pg`, { traceparent });
  await stop();
  await socket.stop();
  await db.close();
  expect(reasons(receiver.spans)).toEqual({ leaf: 'error', middle: 'response', root: 'response' });
  expect(receiver.spans.some(({ attributes }) => attributes['db.response.status_code'] === '42P01')).toBe(true);
});

describe('on the wire', () => {
  interface Sent {
    path: string;
    headers: IncomingHttpHeaders;
    body: string;
  }
  let sent: Sent[] = [];
  let sink: Server;
  let sinkUrl: string;
  beforeAll(async () => {
    sink = createServer(async (request, response) => {
      let body = '';
      for await (const part of request) body += part;
      sent.push({ path: request.url ?? '', headers: request.headers, body });
      response.setHeader('content-type', 'application/x-amz-json-1.0').end('{"MessageId":"1"}');
    }).listen(0, '127.0.0.1');
    await once(sink, 'listening');
    sinkUrl = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    sent = [];
  });
  afterAll(() => {
    sink.closeAllConnections();
    sink.close();
  });

  /** Per call in order: what it says of the trace, and of the state of the trace. */
  const said = () =>
    sent.map(({ path, headers, body }) => {
      if (path !== '/') return [path, headers.traceparent?.slice(-2), headers.tracestate];
      const attributes = JSON.parse(body).MessageAttributes;
      return ['sqs', attributes.traceparent?.StringValue.slice(-2), attributes.tracestate?.StringValue];
    });

  test.each([
    ['no tracestate', undefined, undefined],
    ['a stale threshold beside another vendor’s entry', 'ot=th:e666,shop=x', 'shop=x'],
    ['randomness of its own', 'shop=x,ot=rv:00000000000001;th:8', /rv:00000000000001/],
  ])(
    'calls after a trigger say that the trace is kept, and never a threshold (caller with %s)',
    async (_, state, kept) => {
      const url = await start('alone', { SINK_URL: sinkUrl });
      const context = { traceparent, ...(state !== undefined && { tracestate: state }) };
      await ask(`${url}/calls`, context);
      const expected = kept instanceof RegExp ? expect.stringMatching(kept) : kept;
      expect(said()).toEqual([
        ['/before/http', '00', expected],
        ['/before/fetch', '00', expected],
        ['sqs', '00', expected],
        ['/after/http', '01', expected],
        ['/after/fetch', '01', expected],
        ['sqs', '01', expected],
      ]);
      expect(JSON.stringify(sent)).not.toContain('th:');
    },
  );

  test('an untrusted caller’s flag decides nothing', async () => {
    const url = await start('alone', { SINK_URL: sinkUrl, KEEPTRACE_TRUST_INCOMING: '10.0.0.0/8' });
    for (const flag of ['01', '00']) await ask(`${url}/fine`, { traceparent: traceparent.replace(/00$/, flag) });
    const trusting = await start('trusting', { KEEPTRACE_TRUST_INCOMING: '10.0.0.0/8,127.0.0.1' });
    for (const flag of ['01', '00']) await ask(`${trusting}/fine`, { traceparent: traceparent.replace(/00$/, flag) });
    await stop();
    expect(receiver.spans.map((span) => span.resource['service.name'])).toEqual(['trusting']);
  });
});

test('an untrusted caller sets no deadline, and chooses no randomness', async () => {
  const env = { KEEPTRACE_TRUST_INCOMING: '10.0.0.0/8', KEEPTRACE_SLOW_DEADLINE: 'true', KEEPTRACE_SLOW_MS: '60000' };
  const now = `d:${Date.now().toString(36)}`;
  const headers = { traceparent, tracestate: `keeptrace=${now},ot=rv:ffffffffffffff` };
  const url = await start('wary', { ...env, OTEL_TRACES_SAMPLER_ARG: '0.001' });
  for (let i = 0; i < 30; i += 1) await ask(`${url}/slow`.replace('slow', 'fine'), headers);
  await ask(`${url}/slow`, headers);
  await stop();
  expect(receiver.spans).toEqual([]);
  const trusting = await start('trusting', { ...env, KEEPTRACE_TRUST_INCOMING: 'all' });
  await ask(`${trusting}/slow`, headers);
  await stop();
  expect(reasons(receiver.spans)).toEqual({ trusting: 'deadline' });
});

describe('a framework that writes its own head', () => {
  test.each(['express', 'fastify', 'koa', 'hono'])('%s tells the caller of a failed request', async (framework) => {
    const url = await start(framework, {}, `examples/${framework}/server.mjs`);
    const fine = await ask(`${url}/orders/1`, { traceparent });
    expect([fine.status, fine.headers.get('server-timing')]).toEqual([200, null]);
    const failed = await ask(`${url}/orders/1/fail`, { traceparent });
    expect([failed.status, failed.headers.get('server-timing')]).toEqual([500, expect.stringMatching(tells)]);
    await stop();
    expect(reasons(receiver.spans)).toEqual({ [framework]: 'error' });
  });
});
