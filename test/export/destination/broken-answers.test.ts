// Servers that break off, drip or babble, byte by byte: F8 to F11 of what an exporter must survive.
import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { closeRigs, createRig, type RigOptions } from '../rig.ts';

const servers: (() => void)[] = [];
afterEach(async () => {
  await closeRigs();
  for (const close of servers.splice(0)) close();
});

/** Calls `onRequest` once a request has been read to its end. */
async function startRaw(onRequest: (socket: Socket, n: number) => void, allowHalfOpen = false) {
  const sockets = new Set<Socket>();
  const seen = { requests: 0, open: 0, most: 0, at: [] as number[] };
  const server = createServer({ allowHalfOpen }, (socket) => {
    sockets.add(socket);
    seen.most = Math.max(seen.most, ++seen.open);
    let text = '';
    socket.on('error', () => {});
    socket.on('close', () => {
      sockets.delete(socket);
      seen.open--;
    });
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      const length = /content-length: (\d+)/i.exec(text)?.[1];
      const bodyAt = text.indexOf('\r\n\r\n') + 4;
      if (!length || bodyAt < 4 || text.length < bodyAt + Number(length)) return;
      text = '';
      seen.at.push(performance.now());
      onRequest(socket, seen.requests++);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  servers.push(() => {
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}/v1/traces`, seen };
}

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n';

async function rigAt(url: string, options: RigOptions = {}) {
  return createRig({ ...options, otlp: { url, ...options.otlp } });
}

const broken: [string, (socket: Socket) => void][] = [
  ['reset after the request', (socket) => socket.resetAndDestroy()],
  ['ended without an answer', (socket) => socket.end()],
  ['half of the status line, then the end', (socket) => socket.end('HTTP/1.1 20')],
  ['a status line without the end of the head', (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-le')],
  ['an answer that is not HTTP', (socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n')],
  ['an interim answer, then the end', (socket) => socket.end('HTTP/1.1 102 Processing\r\n\r\n')],
];

test.each(broken)('nothing is lost, and nothing sent more often than needed: %s', async (_name, answer) => {
  const { url, seen } = await startRaw((socket, n) => (n < 4 ? answer(socket) : socket.write(OK)));
  const { pipeline, spans, collector, events } = await rigAt(url, { pipeline: { batchSize: 50 } });
  spans(100);
  await collector.until(() => pipeline.stats().accepted === 100);
  expect(pipeline.stats()).toMatchObject({ rejected: 0, dropped: {}, queued: 0 });
  expect(events.retrying.length).toBeGreaterThan(0);
  // Two batches, and the four requests that failed.
  expect(seen.requests).toBeLessThanOrEqual(6);
});

const truncated: [string, string][] = [
  ['a body shorter than its length', 'HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{"par'],
  ['a cut chunk', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nff\r\n{"par'],
  ['a chunk that is none', 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnonsense\r\n'],
  [
    'a body that says gzip and is not',
    'HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope',
  ],
];

test.each(truncated)('the status line has said yes, and the batch is not sent twice: %s', async (_name, answer) => {
  const { url, seen } = await startRaw((socket, n) => (n === 0 ? socket.end(answer) : socket.write(OK)));
  const { pipeline, spans } = await rigAt(url);
  spans(10);
  await pipeline.flush(3_000);
  spans(10);
  await pipeline.flush(3_000);
  expect(pipeline.stats()).toMatchObject({ accepted: 20, rejected: 0, queued: 0 });
  expect(seen.requests).toBe(2);
});

test('a server that closes its half and still answers is heard', async () => {
  const { url } = await startRaw((socket) => socket.end(OK), true);
  const { pipeline, spans } = await rigAt(url);
  spans(10);
  expect(await pipeline.flush(3_000)).toMatchObject({ flushed: 10 });
});

describe('slow', () => {
  test.each([
    ['says nothing', () => {}],
    ['drips its head', (socket: Socket) => void drip(socket, `HTTP/1.1 200 ${'O'.repeat(500)}`)],
    [
      'sends interim answers for ever',
      (socket: Socket) => void drip(socket, 'HTTP/1.1 102 Processing\r\n\r\n'.repeat(100)),
    ],
  ])('an attempt ends at its deadline, within a twentieth, when the server %s', async (_name, answer) => {
    const { url, seen } = await startRaw(answer);
    const deadline = 2_000;
    const { spans, events, collector } = await rigAt(url, {
      otlp: { exportTimeoutMs: deadline },
      limits: { backoffBaseMs: 60_000, backoffCapMs: 60_000 },
    });
    spans(10);
    await collector.until(() => seen.requests > 0);
    // A timer of the same length that starts with it is as late as the machine makes timers.
    const begun = performance.now();
    const late = sleep(deadline).then(() => performance.now() - begun - deadline);
    await collector.until(() => events.retrying.length > 0);
    const took = performance.now() - seen.at[0]!;
    expect(events.retrying[0]!.failure.code).toBe('ERR_DEADLINE');
    expect(took).toBeGreaterThan(deadline * 0.95 - 20);
    expect(took - (await late)).toBeLessThan(deadline * 1.05 + 50);
    await collector.until(() => seen.open === 0);
  });

  test('an outage of hanging requests never has more than two connections', async () => {
    let hang = true;
    const { url, seen } = await startRaw((socket) => void (hang || socket.write(OK)));
    const { pipeline, spans, collector, events } = await rigAt(url, {
      otlp: { exportTimeoutMs: 100 },
      pipeline: { batchSize: 20 },
    });
    spans(400);
    await collector.until(() => events.retrying.length >= 5);
    hang = false;
    await collector.until(() => pipeline.stats().accepted === 400);
    expect(pipeline.stats()).toMatchObject({ rejected: 0, dropped: {} });
    expect(seen.most).toBeLessThanOrEqual(2);
  });

  test.each([404, 503])('a body that drips after %i holds nothing up', async (status) => {
    const head = `HTTP/1.1 ${status} No\r\ncontent-type: text/plain\r\ncontent-length: 5000\r\n\r\n`;
    const { url } = await startRaw((socket) => {
      socket.write(head);
      drip(socket, 'x'.repeat(5_000));
    });
    const { pipeline, spans, events } = await rigAt(url, { otlp: { exportTimeoutMs: 500 } });
    spans(10);
    const startedAt = performance.now();
    await pipeline.flush(status === 404 ? 5_000 : 700);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    expect(status === 404 ? events.rejected : events.retrying).not.toHaveLength(0);
  });
});

function drip(socket: Socket, text: string): void {
  let n = 0;
  const timer = setInterval(
    () => (socket.destroyed ? clearInterval(timer) : socket.write(text[n++ % text.length]!)),
    20,
  );
  socket.on('close', () => clearInterval(timer));
}
