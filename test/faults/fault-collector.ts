// An OTLP collector that misbehaves on command or by a schedule, and keeps its own books, against which ours are checked.
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions, type Server as TlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeTraces } from '../../src/receiver/otlp-decode.ts';
import type { ReceivedSpan } from '../../src/receiver/server.ts';
import type { Attempt, ScheduledCollector } from './collector-books.ts';
import { answerBy } from './fault-answers.ts';
import { type Fault, LOSS_SPAN, type Step } from './fault-kinds.ts';

export type { Attempt, FaultCollector, ScheduledCollector, SeenRequest } from './collector-books.ts';
export type { Fault, Step } from './fault-kinds.ts';

export interface CollectorOptions {
  /** Keeps names and no spans, for long runs. */
  lean?: boolean;
  /** Stretches the schedule and all that is given in seconds. Default 1. */
  timeScale?: number;
  certificates?: Record<'trusted' | 'foreign', ServerOptions>;
}

const MOST_ENDLESS_BYTES = 50 * 1024 * 1024;

export async function startFaultCollector(
  fault: Fault = { kind: 'ok' },
  tls?: ServerOptions,
  options: CollectorOptions = {},
): Promise<ScheduledCollector> {
  const { lean = false, timeScale = 1, certificates } = options;
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();
  const listener: RequestListener = (request, response) => {
    if (request.method !== 'POST') return void response.end();
    const { kind } = collector.fault;
    const attempt: Attempt = { at: performance.now(), fault: kind, spans: 0 };
    collector.attempts.push(attempt);
    response.on('close', () => {
      attempt.endedAt = performance.now();
      if (response.headersSent) attempt.status = response.statusCode;
    });
    if (kind === 'deaf') return;
    if (kind === 'reset-early') return void request.once('data', () => request.socket.resetAndDestroy());
    void bodyOf(request).then((body) => answer(request, response, body, attempt));
  };
  let port = 0;
  let server = listen();
  let closed = false;

  function listen() {
    const made = tls ? createTlsServer(tls, listener) : createServer(listener);
    made.on('connection', (socket: Socket) => {
      sockets.add(socket);
      collector.sockets.open++;
      collector.sockets.most = Math.max(collector.sockets.most, collector.sockets.open);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        collector.sockets.open--;
      });
    });
    made.on('tlsClientError', () => {});
    return made;
  }

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer, attempt: Attempt): void {
    const raw = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const json = request.headers['content-type'] === 'application/json';
    const spans = decoded(raw, json);
    if (!spans) {
      collector.undecodable++;
      response.writeHead(400).end();
      return;
    }
    const names = spans.map(({ name }) => name).filter((name) => name !== LOSS_SPAN);
    attempt.spans = names.length;
    const { method = '', url = '', headers } = request;
    const at = performance.now();
    collector.requests.push({ at, method, url, headers, spans: lean ? [] : spans, names, bytes: raw.length });
    const { fault } = collector;
    if (fault.kind === 'reset-once') collector.fault = { kind: 'ok' };
    answerBy({
      fault,
      response,
      json,
      names,
      wireBytes: body.length,
      redirectTo: collector.redirectTo,
      timeScale,
      take,
      refuse: (count) => {
        collector.refused += count;
      },
      later: after,
      every: (ms, run) => {
        const timer = setInterval(run, ms);
        timers.add(timer);
        response.on('close', () => {
          clearInterval(timer);
          timers.delete(timer);
        });
      },
      poured: (bytes) => {
        collector.bodyBytesWritten += bytes;
        return fault.kind !== 'endless-body' || collector.bodyBytesWritten < MOST_ENDLESS_BYTES;
      },
    });
    for (const check of [...waiting]) check();
  }

  function take(names: string[]): void {
    const { acked, growth } = collector;
    for (const name of names) acked.set(name, (acked.get(name) ?? 0) + 1);
    growth.push([performance.now(), acked.size]);
  }

  function after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  }

  async function enter({ fault, certificate }: Step): Promise<void> {
    const wasDown = collector.fault.kind === 'down';
    collector.fault = fault;
    if (certificate && certificates) {
      tls = certificates[certificate];
      (server as TlsServer).setSecureContext(tls);
      for (const socket of sockets) socket.destroy();
    }
    if (fault.kind === 'down' && !wasDown) await collector.down();
    if (fault.kind !== 'down' && wasDown) await collector.up();
    collector.steps.push(performance.now());
  }

  const collector: ScheduledCollector = {
    url: '',
    origin: '',
    fault,
    requests: [],
    attempts: [],
    acked: new Map(),
    growth: [],
    refused: 0,
    undecodable: 0,
    sockets: { open: 0, most: 0 },
    bodyBytesWritten: 0,
    redirectTo: '',
    steps: [],
    until: (condition, timeoutMs = 10_000) =>
      new Promise((resolve, reject) => {
        const end = (settle: () => void) => {
          clearInterval(poll);
          clearTimeout(timer);
          waiting.delete(check);
          settle();
        };
        const check = () => condition() && end(resolve);
        const late = () => end(() => reject(new Error(`not reached in ${timeoutMs} ms: ${condition}`)));
        const timer = setTimeout(late, timeoutMs);
        // The condition may be about the pipeline too, which does not tell us.
        const poll = setInterval(check, 10);
        waiting.add(check);
        check();
      }),
    schedule: async (steps) => {
      const startedAt = performance.now();
      for (const step of steps) {
        const ms = startedAt + step.at * 1_000 * timeScale - performance.now();
        if (ms > 0) await new Promise<void>((resolve) => after(ms, resolve));
        await enter(step);
      }
    },
    down: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    up: async () => {
      if (closed) return;
      server = listen();
      await listening(server, () => port);
      // The port may have taken a moment to become free.
      if (closed) await collector.down();
    },
    close: async () => {
      closed = true;
      for (const timer of timers) clearInterval(timer);
      if (server.listening) await collector.down();
    },
  };

  await listening(server, nextPort);
  ({ port } = server.address() as AddressInfo);
  collector.origin = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  collector.url = `${collector.origin}/v1/traces`;
  if (fault.kind === 'down') await collector.down();
  return collector;
}

// Below the range from which systems hand out ports: one that is let go while the collector is down must not become
// the port of another.
const PORTS = { from: 20_000, count: 10_000 };
let lastPort = Math.floor(Math.random() * PORTS.count);

function nextPort(): number {
  lastPort = (lastPort + 1) % PORTS.count;
  return PORTS.from + lastPort;
}

/** Asks for a port until one is free; the same one may take a moment to become so again. */
function listening(server: Server | TlsServer, port: () => number): Promise<void> {
  return new Promise((resolve, reject) => {
    let tries = 0;
    server.once('listening', resolve);
    server.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EADDRINUSE' || ++tries > 100) return reject(error);
      setTimeout(() => server.listen(port(), '127.0.0.1'), 10);
    });
    server.listen(port(), '127.0.0.1');
  });
}

function decoded(raw: Buffer, json: boolean): ReceivedSpan[] | undefined {
  try {
    return decodeTraces(raw, json ? 'json' : 'protobuf');
  } catch {
    return undefined;
  }
}

function bodyOf(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => resolve(Buffer.concat(chunks)));
    request.on('error', () => {});
  });
}
