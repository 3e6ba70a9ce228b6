import { once } from 'node:events';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { context, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { http, instrumentations, keeper, trust } from './keep-rig.ts';
import { provider, takeSpans } from './traced.ts';

/** Answers with the header lines that `lines` makes of the context which the request brought. */
let lines: (traceparent: string, traceId: string) => string[] = () => [];
let server: Server;
let url: string;
beforeAll(async () => {
  server = createServer((socket) => {
    let request = '';
    socket.on('error', () => {});
    socket.setEncoding('latin1').on('data', (text) => {
      request += text;
      if (!request.includes('\r\n\r\n')) return;
      const [, parent = '', id = ''] = /^traceparent: (00-([0-9a-f]{32})-\S+)/im.exec(request) ?? [];
      request = '';
      socket.write(['HTTP/1.1 200 OK', 'Content-Length: 2', ...lines(parent, id), '', 'ok'].join('\r\n'));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => {
  for (const instrumentation of instrumentations) instrumentation.disable();
  server.close();
});
beforeEach(() => {
  keeper.reset();
  trust.accepts = true;
  trust.asked = [];
  takeSpans();
});

const agent = new http.Agent({ keepAlive: true });
afterAll(() => agent.destroy());
const clients: [string, (headers?: Record<string, string>) => Promise<unknown>][] = [
  [
    'http',
    () =>
      new Promise((resolve, reject) => {
        http.get(url, { agent }, (response) => response.resume().on('end', resolve)).on('error', reject);
      }),
  ],
  ['fetch', async () => (await fetch(url)).text()],
];

describe.each(clients)('an answer to %s', (_, request) => {
  /** The trace of the call, and what the answer triggered. */
  async function call(answer: typeof lines) {
    lines = answer;
    const root = provider.getTracer('test').startSpan('root');
    await context.with(trace.setSpan(context.active(), root), request);
    root.end();
    return { traceId: root.spanContext().traceId, triggers: keeper.triggers };
  }

  test.each<[string, typeof lines]>([
    ['alone', (parent) => [`Server-Timing: trace;desc=${parent}`]],
    ['quoted, among others', (parent) => [`server-timing: db;dur=5, trace;desc="${parent}";x=1, app`]],
    ['in the second header', (parent) => ['Server-Timing: db;dur=5', 'X-A: 1', `SERVER-TIMING: trace;desc=${parent}`]],
  ])('keeps the caller’s trace (%s)', async (__, answer) => {
    const { traceId, triggers } = await call((parent, id) => answer(parent.replace(/-\w\w$/, '-01'), id));
    expect(triggers).toEqual([[traceId, 'response']]);
  });

  test.each<[string, typeof lines]>([
    ['no such header', () => ['X-A: 1']],
    ['another trace', (parent, id) => [`Server-Timing: trace;desc=${parent.replace(id, 'a'.repeat(32))}`]],
    ['the flag off', (parent) => [`Server-Timing: trace;desc=${parent.replace(/-\w\w$/, '-00')}`]],
    ['another metric', (parent) => [`Server-Timing: tracing;desc=${parent}`]],
    ['a header of the older draft', (parent) => [`traceresponse: ${parent}`]],
    ['a header of the same length', (parent) => [`server-timinh: trace;desc=${parent}`]],
  ])('keeps nothing with %s', async (__, answer) => {
    expect((await call(answer)).triggers).toEqual([]);
  });

  test.each<[string, string[], number]>([
    ['an event stream', ['CONTENT-TYPE: text/event-stream;charset=utf-8'], 1],
    ['a text', ['Content-Type: text/plain'], 0],
    ['nothing said', [], 0],
  ])('is known for %s', async (__, headers, streams) => {
    await call(() => headers);
    const clients = takeSpans().filter(({ kind }) => kind === 2);
    expect(keeper.streamed).toEqual(clients.slice(0, streams).map((span) => span.spanContext().spanId));
    expect(clients).toHaveLength(1);
  });

  test('is not read when its sender is not trusted', async () => {
    trust.accepts = false;
    expect((await call((parent) => [`Server-Timing: trace;desc=${parent}`])).triggers).toEqual([]);
    expect(trust.asked).toEqual(['127.0.0.1']);
  });

  test('is read once a trace, and only until the trace is kept', async () => {
    lines = (parent) => [`Server-Timing: trace;desc=${parent}`];
    const root = provider.getTracer('test').startSpan('root');
    await context.with(trace.setSpan(context.active(), root), async () => {
      for (let i = 0; i < 3; i += 1) await request();
    });
    root.end();
    expect(keeper.triggers).toHaveLength(1);
    expect(trust.asked).toHaveLength(1);
  });

  test('is forged 300 times, and only those that the sender could know of are taken', async () => {
    let n = 0;
    lines = (parent, id) => {
      n += 1;
      const forged = [
        parent.replace(id, String(n).padStart(32, '0')),
        parent.replace(id, id.toUpperCase()),
        parent.replace(/-\w\w$/, '-fe'),
        `${'x'.repeat(9_000)}${parent}`,
        parent.slice(0, -1),
      ];
      // Every hundredth is the caller's own trace: it is what a callee may say.
      return [`Server-Timing: trace;desc=${n % 100 === 0 ? parent : forged[n % 5]}`];
    };
    for (let i = 0; i < 300; i += 1) await request();
    expect(keeper.triggers).toHaveLength(3);
  });
});
