// Owns the manual span: open it, run the function inside it, tell how it went, close it – whatever the function does.
// Needs @opentelemetry/api only, so that with tracing off a call costs a function call.
import { type Attributes, context, type Link, type Span, SpanKind, trace } from '@opentelemetry/api';
import { createNameGuard } from './name-guard.ts';
import { recordError } from './record-error.ts';

export interface SpanOptions {
  /** Attributes known at the start, which is when samplers and rules see them. Add the rest on the span as they turn up. */
  attributes?: Attributes;
  /** `internal` (the default), `server`, `client`, `producer` or `consumer`. */
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** Spans of other traces that this work belongs to, as for a batch of messages. */
  links?: Link[];
  /** Name of the module that traces, which becomes the instrumentation scope. Default `keeptrace`. */
  tracer?: string;
  /** Start a new trace although a span is active. Default false. */
  root?: boolean;
}

const kinds: Record<NonNullable<SpanOptions['kind']>, SpanKind> = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

/**
 * Runs `fn` inside a span called `name` and hands back what `fn` hands back (R28).
 *
 * A returned promise or thenable keeps the span open until it settles; what comes back is then a promise of the same
 * outcome. A thrown or rejected value is recorded (exception event, status ERROR, `error.type`) and thrown on unchanged,
 * whatever it is. The span always ends. Tracing itself never throws here.
 *
 * `withSpan('charge card', { attributes: { 'order.id': id } }, async (span) => { … })`
 */
export function withSpan<T>(name: string, fn: (span: Span) => T): T;
export function withSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T;
export function withSpan<T>(name: string, second: SpanOptions | ((span: Span) => T), third?: (span: Span) => T): T {
  const fn = (typeof second === 'function' ? second : third) as (span: Span) => T;
  const span = openSpan(name, typeof second === 'function' ? undefined : second);
  let result: T;
  try {
    result = context.with(trace.setSpan(context.active(), span), fn, undefined, span);
  } catch (error) {
    fail(span, error);
    throw error;
  }
  const settling = asPromise(result);
  if (settling === undefined) {
    close(span);
    return result;
  }
  // Both callbacks hand the outcome on, so that a rejection which nobody handles is still reported, and only once.
  return settling.then(
    (value) => {
      close(span);
      return value;
    },
    (error: unknown) => {
      fail(span, error);
      throw error;
    },
  ) as T;
}

const guardName = createNameGuard();

function openSpan(name: string, options: SpanOptions | undefined): Span {
  try {
    guardName(name);
    const tracer = trace.getTracer(options?.tracer ?? 'keeptrace');
    if (options === undefined) return tracer.startSpan(name);
    const { attributes, kind, links, root } = options;
    return tracer.startSpan(name, {
      kind: kinds[kind ?? 'internal'] ?? SpanKind.INTERNAL,
      ...(attributes && { attributes }),
      ...(links && { links }),
      ...(root && { root }),
    });
  } catch {
    // Attributes with a throwing getter or without end: the span is worth more than they are.
    return openBareSpan(name);
  }
}

function openBareSpan(name: string): Span {
  try {
    return trace.getTracer('keeptrace').startSpan(String(name));
  } catch {
    return trace.wrapSpanContext({ traceId: '', spanId: '', traceFlags: 0 });
  }
}

/** A thenable that is not a promise may break every rule of promises, so it is adopted by a real one first. */
function asPromise(result: unknown): Promise<unknown> | undefined {
  if (result instanceof Promise) return result;
  if (result === null || (typeof result !== 'object' && typeof result !== 'function')) return undefined;
  try {
    return typeof (result as { then?: unknown }).then === 'function' ? Promise.resolve(result) : undefined;
  } catch {
    return undefined;
  }
}

function fail(span: Span, error: unknown): void {
  recordError(span, error);
  close(span);
}

function close(span: Span): void {
  try {
    if (span.isRecording()) span.end();
  } catch {
    // A foreign span processor threw; the app's own result matters more.
  }
}
