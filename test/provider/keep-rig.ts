// An instrumented HTTP server, a keeper that takes down what it is told, and a client that shows every byte.
import { createRequire } from 'node:module';
import { type AddressInfo, connect } from 'node:net';
import type { Span } from '@opentelemetry/api';
import { HttpInstrumentation } from '@opentelemetry/instrumentation-http';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { httpOpinions } from '../../src/provider/http-opinions.ts';
import { createKeepHooks, type KeepSignals } from '../../src/provider/keep-hooks.ts';
import { undiciOpinions } from '../../src/provider/undici-opinions.ts';
import type { Trust } from '../../src/sampling/trust.ts';
import { provider } from './traced.ts';

/** Keeps every trace it is told to, like the real one. */
export class FakeKeeper implements KeepSignals {
  triggers: [traceId: string, reason: string][] = [];
  /** Span ids of what was said to be a stream. */
  streamed: string[] = [];
  /** Refuses own triggers, as an exhausted budget does. */
  throttled = false;
  #forced = new Set<string>();
  trigger(traceId: string, reason: 'error' | 'response' | 'manual') {
    this.triggers.push([traceId, reason]);
    if (!this.throttled) this.#forced.add(traceId);
  }
  isForced(traceId: string) {
    return this.#forced.has(traceId);
  }
  streams(span: Span) {
    this.streamed.push(span.spanContext().spanId);
  }
  reset() {
    this.triggers = [];
    this.streamed = [];
    this.#forced.clear();
    this.throttled = false;
  }
}

export const keeper = new FakeKeeper();
/** What the hooks ask; a test sets it to refuse. */
export const trust: Trust & { accepts: boolean; asked: (string | undefined)[] } = {
  accepts: true,
  asked: [],
  acceptsAddress(address) {
    trust.asked.push(address);
    return trust.accepts;
  },
  acceptsParent: () => trust.accepts,
};
export const rules = { keepErrors: true };
const hooks = createKeepHooks({
  keeper,
  trust,
  get keepErrors() {
    return rules.keepErrors;
  },
});

const settings = { ignorePaths: [], redact: true, redactKeys: [] };
export const instrumentations = [
  new HttpInstrumentation(httpOpinions(settings, hooks)),
  new UndiciInstrumentation(undiciOpinions(hooks)),
];
for (const instrumentation of instrumentations) instrumentation.setTracerProvider(provider);

const require = createRequire(import.meta.url);
/** Only what comes through require is patched in this process. */
export const http: typeof import('node:http') = require('node:http');

export const traceId = '0af7651916cd43dd8448eb211c80319c';
export const traceparent = `traceparent: 00-${traceId}-b7ad6b7169203331-00`;

/** Sends one request as text and gives the whole answer as text. */
export function exchange(address: AddressInfo, headers: string[], start = 'GET / HTTP/1.1'): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(address.port, '127.0.0.1', () => {
      socket.write(`${[start, 'Host: x', 'Connection: close', ...headers].join('\r\n')}\r\n\r\n`);
    });
    socket.setEncoding('latin1').on('data', (text) => {
      answer += text;
    });
    socket.on('close', () => resolve(answer)).on('error', reject);
  });
}

/** Name and value of the header lines, as they came. */
export function headerLines(answer: string): [string, string][] {
  const [, ...lines] = (answer.split('\r\n\r\n', 1)[0] ?? '').split('\r\n');
  return lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]);
}
