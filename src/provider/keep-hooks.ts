// Owns how a keep travels along the path: a kept trace tells its caller in the response, and what a response tells keeps
// the trace here. Called by the official instrumentations' hooks; nothing in here throws into them or the app.
import { IncomingMessage, ServerResponse } from 'node:http';
import type { Span, SpanContext } from '@opentelemetry/api';
import { formatServerTiming, readServerTiming } from '../sampling/keep-signal.ts';
import type { Trust } from '../sampling/trust.ts';
import { isEventStream, saysEventStream } from './event-stream.ts';
import { attributesOf } from './span-attributes.ts';
import { hookWriteHead } from './write-head.ts';

/** The part of the keeper that this needs. */
export interface KeepSignals {
  trigger(traceId: string, reason: 'error' | 'response'): void;
  isForced(traceId: string): boolean;
  /** What the span stands for is answered by a stream, which is long and not slow. */
  streams(span: Span): void;
}

export interface KeepHooks {
  /** `responseHook` of instrumentation-http: of a server span at its start, of a client span when the headers came. */
  http(span: Span, response: unknown): void;
  /** `responseHook` of instrumentation-undici, when the headers came. */
  undici(span: Span, headers: unknown): void;
}

export interface KeepHookOptions {
  keeper: KeepSignals;
  trust: Trust;
  /** Whether a 5xx keeps its trace before its headers leave. */
  keepErrors: boolean;
}

/** Where a response carries its server span until its headers leave. */
const entry = Symbol('keeptrace.entry');
type Answering = ServerResponse & { [entry]?: Span };

export function createKeepHooks(options: KeepHookOptions): KeepHooks {
  const { keeper, trust } = options;
  hookWriteHead({
    before(response: Answering, status) {
      const span = response[entry];
      if (span === undefined) return undefined;
      const context = span.spanContext();
      if (status >= 500 && options.keepErrors) keeper.trigger(context.traceId, 'error');
      // The head's own choice is no news for a caller that chose otherwise: one service that samples everything would
      // make all its callers do so.
      if (!keeper.isForced(context.traceId) || !mayTell(span, response)) return undefined;
      return formatServerTiming(context);
    },
    after(response: Answering) {
      const span = response[entry];
      if (span !== undefined && isEventStream(response)) keeper.streams(span);
    },
  });

  /** Browsers read the header, too: it goes to nobody who did not send the trace's context along. */
  function mayTell(span: Span, response: ServerResponse): boolean {
    const { parentSpanContext } = span as { parentSpanContext?: SpanContext };
    return parentSpanContext?.isRemote === true && trust.acceptsAddress(response.req.socket?.remoteAddress);
  }

  function answered(span: Span, value: string | string[] | undefined, address: string | undefined): void {
    if (value === undefined) return;
    const { traceId } = span.spanContext();
    // A trace that only the head has chosen is triggered, too: our own caller may not know of it.
    if (keeper.isForced(traceId) || !trust.acceptsAddress(address)) return;
    if (readServerTiming(value, traceId)) keeper.trigger(traceId, 'response');
  }

  return {
    http(span, response) {
      if (response instanceof ServerResponse) (response as Answering)[entry] = span;
      else if (response instanceof IncomingMessage) {
        if (saysEventStream(response.headers['content-type'])) keeper.streams(span);
        answered(
          span,
          response.headers['server-timing'] as string | string[] | undefined,
          response.socket?.remoteAddress,
        );
      }
    },
    undici(span, headers) {
      if (saysEventStream(valuesOf(headers, 'content-type')?.[0])) keeper.streams(span);
      const address = attributesOf(span)?.['network.peer.address'];
      answered(span, valuesOf(headers, 'server-timing'), typeof address === 'string' ? address : undefined);
    },
  };
}

/** undici tells headers as they came: one list of names and values in turn, mostly as bytes. */
function valuesOf(headers: unknown, wanted: string): string[] | undefined {
  if (!Array.isArray(headers)) return undefined;
  let values: string[] | undefined;
  for (let i = 0; i + 1 < headers.length; i += 2) {
    const name: unknown = headers[i];
    // Both a Buffer and a string have a length, and few headers have this one.
    if ((name as { length?: unknown } | null)?.length !== wanted.length) continue;
    if (String(name).toLowerCase() !== wanted) continue;
    values ??= [];
    values.push(String(headers[i + 1]));
  }
  return values;
}
