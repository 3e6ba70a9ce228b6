// Owns what is put right when a span ends, where the official instrumentations have no hook: the kind of an error, the
// text of a database error, and a route that a framework's own span knows. Runs while the span may still be changed.
import type { Context } from '@opentelemetry/api';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { getRPCMetadata, type RPCMetadata, RPCType } from '@opentelemetry/core';
import type { Span, SpanProcessor } from '@opentelemetry/sdk-trace';
import { maskDbMessage } from '../span/db-message.ts';
import { endCause } from './exchange-end.ts';

/** Goes in front of every processor that exports. */
export function createSpanOpinions(): SpanProcessor {
  // The entry's metadata, which instrumentation-http names the entry span by; gone with the child that asks for it.
  const entries = new WeakMap<Span, RPCMetadata>();
  return {
    onStart(span, context) {
      rememberEntry(entries, span, context);
    },
    onEnding(span) {
      if (span.status.code === SpanStatusCode.ERROR) settleError(span);
      const route = span.attributes['http.route'];
      if (typeof route === 'string') tellRoute(entries.get(span), route);
    },
    onEnd() {},
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}

function rememberEntry(entries: WeakMap<Span, RPCMetadata>, span: Span, context: Context): void {
  if (span.kind !== SpanKind.INTERNAL && span.kind !== SpanKind.SERVER) return;
  const metadata = getRPCMetadata(context);
  if (metadata?.type === RPCType.HTTP) entries.set(span, metadata);
}

/** The innermost span of a framework ends first and knows the route best; `/*` is where a middleware was mounted. */
function tellRoute(entry: RPCMetadata | undefined, route: string): void {
  if (entry !== undefined && entry.route === undefined && route !== '' && route !== '*' && route !== '/*') {
    entry.route = route;
  }
}

function settleError(span: Span): void {
  const scope = span.instrumentationScope.name;
  if (scope === '@opentelemetry/instrumentation-pg') settleDatabaseError(span);
  else if (scope === '@opentelemetry/instrumentation-http' || scope === '@opentelemetry/instrumentation-undici') {
    settleNetworkError(span);
  }
}

/** A class name says `Error` where the code says `ECONNREFUSED`; an aborted signal has a number for a code. */
function settleNetworkError(span: Span): void {
  const type: unknown = span.attributes['error.type'];
  const cause = endCause(span);
  if (cause !== undefined) span.setAttribute('error.type', cause);
  else if (type === 23) span.setAttribute('error.type', 'TimeoutError');
  else if (typeof type === 'number') span.setAttribute('error.type', String(type));
  else if (type === 'Error') {
    const code = exceptionAttribute(span, 'exception.type');
    if (code !== undefined) span.setAttribute('error.type', code);
  }
}

/** The instrumentation tells the code in a sentence only, and copies the server's message with the values it quotes. */
function settleDatabaseError(span: Span): void {
  const sentence = exceptionAttribute(span, 'exception.message') ?? '';
  const [, type = 'Error', code = 'UNKNOWN'] =
    /type '([^']{1,100})' occurred \(code: ([^)]{1,64})\)/.exec(sentence) ?? [];
  const known = code !== 'UNKNOWN' && code !== 'undefined';
  const sqlState = /^[0-9A-Z]{5}$/.test(code);
  span.setAttribute('error.type', known ? code : type);
  if (sqlState) span.setAttribute('db.response.status_code', code);
  const message = span.status.message;
  if (message !== undefined && (sqlState || !known)) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: maskDbMessage(message, code) });
  }
}

function exceptionAttribute(span: Span, key: string): string | undefined {
  for (const event of span.events) {
    const value = event.name === 'exception' ? event.attributes?.[key] : undefined;
    if (typeof value === 'string') return value;
  }
  return undefined;
}
