// How the fault collector answers a request that it has read, fault by fault.
import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Fault } from './fault-kinds.ts';

export interface Answering {
  fault: Fault;
  response: ServerResponse;
  json: boolean;
  names: string[];
  wireBytes: number;
  redirectTo: string;
  /** Stretches what is given in seconds. */
  timeScale: number;
  /** Writes into the books that these spans are acknowledged. */
  take(names: string[]): void;
  refuse(spans: number): void;
  later(ms: number, run: () => void): void;
  every(ms: number, run: () => void): void;
  /** Tells of bytes of a big body that were taken off our hands. Returns false when it is enough. */
  poured(bytes: number): boolean;
}

const DRIP_MS = 20;
const CHUNK = Buffer.alloc(64 * 1024, 'x');

export function answerBy(answering: Answering): void {
  const { fault, response, json, names, take } = answering;
  const type = { 'content-type': json ? 'application/json' : 'application/x-protobuf' };
  const accept = () => {
    take(names);
    response.writeHead(200, type).end(json ? '{}' : undefined);
  };
  switch (fault.kind) {
    case 'ok':
      return void accept();
    case 'slow':
      take(names);
      return void answering.later(fault.ms, () => response.writeHead(200, type).end());
    case 'hang':
    case 'deaf':
    case 'down':
    case 'reset-early':
      return;
    case 'reset':
      if (fault.took) take(names);
      return void response.socket?.resetAndDestroy();
    case 'reset-once':
      return void response.socket?.resetAndDestroy();
    case 'fin':
      return void response.socket?.end();
    case 'truncated':
      take(names);
      response.writeHead(200, { ...type, 'content-length': 1_000 });
      response.write('{"part');
      return void answering.later(5, () => response.socket?.destroy());
    case 'dripping-head': {
      const text = `HTTP/1.1 200 ${'O'.repeat(1_000)}`;
      let n = 0;
      return void answering.every(fault.everyMs ?? DRIP_MS, () => response.socket?.write(text[n++ % text.length]!));
    }
    case 'dripping-body':
      take(names);
      response.writeHead(200, type).flushHeaders();
      return void answering.every(fault.everyMs ?? DRIP_MS, () => response.write(' '));
    case 'status': {
      const headers = { 'content-type': 'text/plain', ...retryAfter(fault.retryAfter, answering.timeScale) };
      return void response.writeHead(fault.status, { ...headers, ...fault.headers }).end(fault.body ?? '');
    }
    case 'refuse-spans':
      if (!fault.names.some((name) => names.includes(name))) return void accept();
      return void response.writeHead(fault.status, { 'content-type': 'text/plain' }).end('a span is not valid');
    case 'refuse-bytes':
      if (answering.wireBytes <= fault.above) {
        if (!fault.others) accept();
        if (fault.others === 'busy') response.writeHead(503).end();
        return;
      }
      return void response.writeHead(413, { 'content-type': 'text/plain' }).end('too large');
    case 'redirect':
      return void response.writeHead(fault.status, { location: answering.redirectTo }).end();
    case 'endless-body':
      response.writeHead(fault.status, { 'content-type': 'text/plain' });
      return void pour(answering, CHUNK, Number.POSITIVE_INFINITY);
    case 'big-body': {
      const body = fault.bomb ? bombOf(fault.bytes) : CHUNK;
      response.writeHead(fault.status, {
        'content-type': 'text/plain',
        ...(fault.bomb && { 'content-encoding': 'gzip' }),
      });
      return void pour(answering, body, fault.bomb ? body.length : fault.bytes);
    }
    case 'gzip-answer':
      take(names);
      return void response
        .writeHead(200, { ...type, 'content-encoding': 'gzip' })
        .end(gzipSync(json ? '{}' : Buffer.alloc(0)));
    case 'web-page':
      return void response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end('<html>hello</html>');
    case 'partial': {
      const rejected = Math.min(fault.rejected, names.length);
      answering.refuse(rejected);
      take(names.slice(rejected));
      response.writeHead(200, type).end(partialBody(rejected, json));
    }
  }
}

function pour({ response, poured }: Answering, chunk: Buffer, total: number): void {
  let left = total;
  const more = () => {
    while (!response.destroyed && left > 0) {
      const piece = chunk.subarray(0, Math.min(left, chunk.length));
      left -= piece.length;
      if (!poured(piece.length)) return;
      if (!response.write(piece)) return void response.once('drain', more);
    }
    if (left <= 0) response.end();
  };
  more();
}

function retryAfter(
  wanted: Extract<Fault, { kind: 'status' }>['retryAfter'],
  timeScale: number,
): Record<string, string> {
  if (!wanted) return {};
  const seconds = Math.ceil(wanted.seconds * timeScale);
  // A date has no milliseconds: rounded up, or the time named would be up to a second too short.
  const date = () => new Date(Math.ceil(Date.now() / 1_000 + seconds) * 1_000).toUTCString();
  return { 'retry-after': wanted.form === 'date' ? date() : String(seconds) };
}

const bombs = new Map<number, Buffer>();

/** Gzip members may follow one another, so a small one is repeated. */
function bombOf(bytes: number): Buffer {
  const member = Math.min(bytes, 16 * 2 ** 20);
  const bomb = bombs.get(bytes) ?? Buffer.concat(Array(Math.ceil(bytes / member)).fill(gzipSync(Buffer.alloc(member))));
  bombs.set(bytes, bomb);
  return bomb;
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
