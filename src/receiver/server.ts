// A small OTLP/HTTP receiver on loopback that keeps what it gets: for tests, the demo and the command line tools.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OtlpDecodeError } from './decode-rules.ts';
import { answerProblem, answerSuccess, encodingOf } from './otlp-answer.ts';
import { decodeTraces, type OtlpEncoding } from './otlp-decode.ts';
import type { ReceivedSpan } from './received-span.ts';
import { HttpProblem, readBody } from './request-body.ts';
import { refuseForeign } from './same-machine.ts';
import { type SpanCondition, Waiters } from './waiters.ts';

export type { ReceivedEvent, ReceivedLink, ReceivedSpan } from './received-span.ts';

export interface ReceiverOptions {
  /** Address to listen on. Default `127.0.0.1`. */
  host?: string;
  /** Default 0: a free port. */
  port?: number;
  /** Spans kept; beyond it the oldest go and are counted in `evictedSpans`. Default 200,000. */
  maxSpans?: number;
}

export interface ReceivedRequest {
  path: string;
  headers: IncomingHttpHeaders;
  /** Size after decompression. */
  bytes: number;
  spanCount: number;
}

export interface Receiver {
  /** Origin, for `OTEL_EXPORTER_OTLP_ENDPOINT`; traces are posted to `/v1/traces` below it. */
  url: string;
  spans: ReceivedSpan[];
  /** The last 10,000 accepted requests, those to `/v1/logs` and `/v1/metrics` too. */
  requests: ReceivedRequest[];
  evictedSpans: number;
  /** Resolves once `condition` holds for the spans so far. Default deadline 10,000 ms. */
  waitFor(condition: SpanCondition, timeoutMs?: number): Promise<ReceivedSpan[]>;
  clear(): void;
  /** Ends open connections at once and rejects whoever still waits. */
  close(): Promise<void>;
}

const MAX_REQUESTS = 10_000;
const SIGNALS = new Set(['/v1/traces', '/v1/logs', '/v1/metrics']);

export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { host = '127.0.0.1', port = 0, maxSpans = 200_000 } = options;
  const waiters = new Waiters(() => receiver.spans);

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => {
      const status = error instanceof HttpProblem ? error.status : error instanceof OtlpDecodeError ? 400 : 500;
      answerProblem(response, status, String((error as Error).message), encodingOf(request.headers['content-type']));
      request.resume();
    });
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    refuseForeign(request.headers);
    const path = (request.url ?? '/').split('?', 1)[0]!;
    if (!SIGNALS.has(path)) throw new HttpProblem(404, 'post traces to /v1/traces');
    if (request.method !== 'POST') throw new HttpProblem(405, 'only POST is accepted');
    const encoding = encodingOf(request.headers['content-type']);
    if (!encoding) throw new HttpProblem(415, 'content-type must be application/json or application/x-protobuf');
    const body = await readBody(request);
    accept(path, request.headers, body, encoding);
    answerSuccess(response, encoding);
    waiters.arrived();
  }

  function accept(path: string, headers: IncomingHttpHeaders, body: Buffer, encoding: OtlpEncoding): void {
    const spans = path === '/v1/traces' ? decodeTraces(body, encoding) : [];
    for (const span of spans) receiver.spans.push(span);
    receiver.requests.push({ path, headers, bytes: body.length, spanCount: spans.length });
    if (receiver.requests.length > MAX_REQUESTS) receiver.requests.shift();
    const excess = receiver.spans.length - maxSpans;
    if (excess > 0) receiver.evictedSpans += receiver.spans.splice(0, excess).length;
  }

  const receiver: Receiver = {
    url: '',
    spans: [],
    requests: [],
    evictedSpans: 0,
    waitFor: (condition, timeoutMs = 10_000) => waiters.wait(condition, timeoutMs),
    clear() {
      receiver.spans.length = 0;
      receiver.requests.length = 0;
    },
    close: () =>
      new Promise((resolve) => {
        waiters.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
  const address = server.address() as AddressInfo;
  receiver.url = `http://${address.family === 'IPv6' ? `[${address.address}]` : address.address}:${address.port}`;
  return receiver;
}
