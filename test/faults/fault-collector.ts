// An OTLP collector that misbehaves on command and keeps its own books, against which ours are checked.
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeTraces } from '../../src/receiver/otlp-decode.ts';
import type { ReceivedSpan } from '../../src/receiver/server.ts';

export type Fault =
  | { kind: 'ok' }
  /** Takes the request and never answers. */
  | { kind: 'hang' }
  /** Never reads the request. */
  | { kind: 'deaf' }
  /** One byte of the status line at a time, for ever. */
  | { kind: 'dripping-head' }
  /** 200, then one byte of the body at a time, for ever. */
  | { kind: 'dripping-body' }
  /** Reads the request and cuts the connection. */
  | { kind: 'reset' }
  /** The same, for one request. */
  | { kind: 'reset-once' }
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: string }
  /** 400 and a body without end. */
  | { kind: 'endless-body'; status: number }
  /** Refuses that many spans of each request by OTLP partial success. */
  | { kind: 'partial'; rejected: number }
  /** 200 and a page: a web server that knows nothing of OTLP. */
  | { kind: 'web-page' }
  /** Answers 200 after a while. */
  | { kind: 'slow'; ms: number };

export interface SeenRequest {
  /** `performance.now()`. */
  at: number;
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
  spans: ReceivedSpan[];
  bytes: number;
}

export interface FaultCollector {
  /** For OTLP/HTTP: where traces are posted to. */
  url: string;
  origin: string;
  fault: Fault;
  requests: SeenRequest[];
  /** Span names (unique in the tests) that were acknowledged, and how often. */
  acked: Map<string, number>;
  /** Spans refused by partial success. */
  refused: number;
  /** Requests that are not OTLP; answered by 400 whatever the fault. */
  undecodable: number;
  /** Connections open now and the most at a time. */
  sockets: { open: number; most: number };
  /** Bytes of endless bodies that were taken off our hands. */
  bodyBytesWritten: number;
  until(condition: () => boolean, timeoutMs?: number): Promise<void>;
  /** Refuses connections until `up()`. */
  down(): Promise<void>;
  up(): Promise<void>;
  close(): Promise<void>;
}

export async function startFaultCollector(fault: Fault = { kind: 'ok' }, tls?: ServerOptions): Promise<FaultCollector> {
  const sockets = new Set<Socket>();
  const waiting = new Set<() => void>();
  const timers = new Set<NodeJS.Timeout>();
  const listener: RequestListener = (request, response) => {
    if (request.method !== 'POST') return void response.end();
    if (collector.fault.kind === 'deaf') return;
    void bodyOf(request).then((body) => answer(request, response, body));
  };
  let port = 0;
  let server = listen();

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

  function answer(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const raw = request.headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body;
    const json = request.headers['content-type'] === 'application/json';
    const spans = decoded(raw, json);
    if (!spans) {
      collector.undecodable++;
      response.writeHead(400).end();
      return;
    }
    const { method = '', url = '', headers } = request;
    collector.requests.push({ at: performance.now(), method, url, headers, spans, bytes: raw.length });
    behave(response, spans, json);
    for (const check of [...waiting]) check();
  }

  function behave(response: ServerResponse, spans: ReceivedSpan[], json: boolean): void {
    const { fault } = collector;
    const take = (some: ReceivedSpan[]) => {
      for (const { name } of some) collector.acked.set(name, (collector.acked.get(name) ?? 0) + 1);
    };
    const type = { 'content-type': json ? 'application/json' : 'application/x-protobuf' };
    switch (fault.kind) {
      case 'ok':
        take(spans);
        response.writeHead(200, type).end(json ? '{}' : undefined);
        return;
      case 'slow':
        take(spans);
        after(fault.ms, () => response.writeHead(200, type).end());
        return;
      case 'hang':
      case 'deaf':
        return;
      case 'reset-once':
        collector.fault = { kind: 'ok' };
        response.socket?.resetAndDestroy();
        return;
      case 'reset':
        response.socket?.resetAndDestroy();
        return;
      case 'dripping-head': {
        const text = `HTTP/1.1 200 ${'O'.repeat(1_000)}`;
        drip((n) => response.socket?.write(text[n % text.length]!));
        return;
      }
      case 'dripping-body':
        take(spans);
        response.writeHead(200, type);
        drip(() => response.write(' '));
        return;
      case 'status':
        response.writeHead(fault.status, { 'content-type': 'text/plain', ...fault.headers }).end(fault.body ?? '');
        return;
      case 'endless-body':
        response.writeHead(fault.status, { 'content-type': 'text/plain' });
        pour(response);
        return;
      case 'web-page':
        response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>hello</html>');
        return;
      case 'partial':
        collector.refused += fault.rejected;
        take(spans.slice(fault.rejected));
        response.writeHead(200, type).end(partialBody(fault.rejected, json));
    }
  }

  function after(ms: number, run: () => void): void {
    const timer = setTimeout(() => {
      timers.delete(timer);
      run();
    }, ms);
    timers.add(timer);
  }

  function drip(write: (n: number) => void): void {
    let n = 0;
    const timer = setInterval(() => write(n++), 20);
    timers.add(timer);
  }

  function pour(response: ServerResponse): void {
    const chunk = Buffer.alloc(64 * 1024, 'x');
    const more = () => {
      while (!response.destroyed && collector.bodyBytesWritten < 50 * 1024 * 1024) {
        collector.bodyBytesWritten += chunk.length;
        if (!response.write(chunk)) return void response.once('drain', more);
      }
    };
    more();
  }

  const collector: FaultCollector = {
    url: '',
    origin: '',
    fault,
    requests: [],
    acked: new Map(),
    refused: 0,
    undecodable: 0,
    sockets: { open: 0, most: 0 },
    bodyBytesWritten: 0,
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
    down: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
    up: async () => {
      server = listen();
      await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    },
    close: async () => {
      for (const timer of timers) clearInterval(timer);
      if (server.listening) await collector.down();
    },
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
  collector.origin = `${tls ? 'https' : 'http'}://127.0.0.1:${port}`;
  collector.url = `${collector.origin}/v1/traces`;
  return collector;
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

/** ExportTraceServiceResponse { partial_success { rejected_spans, error_message "some" } }. */
function partialBody(rejected: number, json: boolean): Buffer {
  if (json) {
    // An int64 is a string in OTLP/JSON.
    return Buffer.from(JSON.stringify({ partialSuccess: { rejectedSpans: String(rejected), errorMessage: 'some' } }));
  }
  const partial = [0x08, rejected, 0x12, 4, ...Buffer.from('some')];
  return Buffer.from([0x0a, partial.length, ...partial]);
}
