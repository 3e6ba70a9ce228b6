// A small OTLP/HTTP receiver on loopback that keeps what it gets: for tests, the demo and the command line tools.
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerSuccess } from './otlp-answer.ts';
import { answerFailure, type Export, receiveExport, signalOf } from './otlp-endpoint.ts';
import type { ReceivedSpan } from './received-span.ts';
import { HttpProblem } from './request-body.ts';
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

export async function startReceiver(options: ReceiverOptions = {}): Promise<Receiver> {
  const { host = '127.0.0.1', port = 0, maxSpans = 200_000 } = options;
  const waiters = new Waiters(() => receiver.spans);

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => answerFailure(request, response, error));
  });

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    refuseForeign(request.headers);
    const path = (request.url ?? '/').split('?', 1)[0]!;
    const signal = signalOf(path);
    if (!signal) throw new HttpProblem(404, 'post traces to /v1/traces');
    const received = await receiveExport(request, signal);
    accept(path, request.headers, received);
    answerSuccess(response, received.encoding);
    waiters.arrived();
  }

  function accept(path: string, headers: IncomingHttpHeaders, { spans, bytes }: Export): void {
    for (const span of spans) receiver.spans.push(span);
    receiver.requests.push({ path, headers, bytes, spanCount: spans.length });
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
