// Owns that calls on a span do not throw, as they do not without tracing. The SDK's spans read all they are given, getters
// and proxies included, and copy it whole, so that a deep value ends in a RangeError and a wide one takes a second.
import {
  type Attributes,
  context,
  diag,
  INVALID_SPAN_CONTEXT,
  ROOT_CONTEXT,
  SamplingDecision,
  type SpanOptions,
  type SpanStatus,
  trace,
} from '@opentelemetry/api';
import { TracerProvider } from '@opentelemetry/sdk-trace';

export interface SpanBounds {
  /** `value`, or a copy of bounded size, after a call of `note`. May throw. */
  boundedValue(value: object, note: () => void): object;
  noteCut(span: { attributes: Attributes }, name: string): void;
}

interface RecordedSpan {
  attributes: Attributes;
  readonly ended: boolean;
}
type Method = (this: RecordedSpan, ...args: unknown[]) => unknown;
type Class = Record<string, Method> & { [guarded]?: true };

const guarded = Symbol.for('keeptrace.guarded');

/**
 * Wraps the methods of the SDK's classes, once, so that no span pays for it when it starts. What throws is left out of the
 * span and said through OpenTelemetry's diagnostics; what is too large is cut before it is copied.
 */
export function guardSpans(bounds: SpanBounds): void {
  // The classes are not exported, so one of each is made, away from every other provider.
  const sampler = { shouldSample: () => ({ decision: SamplingDecision.RECORD_AND_SAMPLED }) };
  const tracer = new TracerProvider({ sampler }).getTracer('keeptrace');
  const spans = Object.getPrototypeOf(tracer.startSpan('', {}, ROOT_CONTEXT)) as Class;
  if (spans[guarded]) return;
  spans[guarded] = true;
  guardSetAttribute(spans, bounds);
  guard(spans, 'addEvent', (span, args) => {
    args[0] = nameOf(args[0], 'addEvent');
    args[1] = boundedEach(span, args[1], bounds);
  });
  guard(spans, 'addLink', (span, args) => {
    const link = args[0] as { context: unknown; attributes?: unknown };
    if (link.attributes) args[0] = { ...link, attributes: boundedEach(span, link.attributes, bounds) };
  });
  guard(spans, 'updateName', (_span, args) => {
    if (typeof args[0] !== 'string') throw new TypeError('a name that is no text');
  });
  guard(spans, 'setStatus', (_span, args) => {
    if (typeof (args[0] as SpanStatus).code !== 'number') throw new TypeError('a code that is no number');
  });
  for (const name of ['setAttributes', 'addLinks', 'recordException']) guard(spans, name);
  guardEnd(spans);
  guardStart(Object.getPrototypeOf(tracer) as Class, bounds);
}

function guard(spans: Class, name: string, prepare?: (span: RecordedSpan, args: unknown[]) => void): void {
  const original = spans[name];
  if (!original) return;
  spans[name] = function (...args) {
    try {
      prepare?.(this, args);
      return original.apply(this, args);
    } catch {
      tell(name);
      return this;
    }
  };
}

/** The one that is called a dozen times for each span. */
function guardSetAttribute(spans: Class, { boundedValue, noteCut }: SpanBounds): void {
  const original = spans.setAttribute!;
  spans.setAttribute = function (key, value) {
    try {
      if (typeof value !== 'object' || value === null || this.ended) return original.call(this, key, value);
      const note = () => noteCut(this, String(key));
      return original.call(this, key, boundedValue(value, note));
    } catch {
      tell('setAttribute');
      return this;
    }
  };
}

/** Whatever the time is, the span ends, and with a time that every encoding has. */
function guardEnd(spans: Class): void {
  const original = spans.end!;
  spans.end = function (time) {
    try {
      if (time === undefined || isTime(time)) return original.call(this, time);
    } catch {
      // Ended or not, below.
    }
    tell('end');
    if (!this.ended) return original.call(this);
  };
}

function isTime(time: unknown): boolean {
  if (Array.isArray(time)) return Number.isFinite(time[0]) && Number.isFinite(time[1]);
  return Number.isFinite(time instanceof Date ? time.getTime() : time);
}

function nameOf(name: unknown, method: string): string {
  if (typeof name === 'string') return name;
  tell(method);
  return 'unnamed';
}

function guardStart(tracers: Class, bounds: SpanBounds): void {
  const original = tracers.startSpan!;
  tracers.startSpan = function (given, options, parent) {
    const name = nameOf(given, 'startSpan');
    try {
      return original.call(this, name, boundedOptions(options, bounds), parent);
    } catch {
      tell('startSpan');
    }
    try {
      // What can be read of it: a span without its attributes is better than none, above all for those below it.
      return original.call(this, name, { kind: kindOf(options) }, parent ?? context.active());
    } catch {
      return trace.wrapSpanContext(INVALID_SPAN_CONTEXT);
    }
  };
}

function boundedOptions(options: unknown, bounds: SpanBounds): unknown {
  const { attributes, kind } = (options ?? {}) as SpanOptions;
  if (kind !== undefined && typeof kind !== 'number') throw new TypeError('a kind that is no number');
  if (attributes === undefined) return options ?? undefined;
  const cut = boundedEach(undefined, attributes, bounds);
  return cut === attributes ? options : { ...(options as SpanOptions), attributes: cut };
}

/** `attributes`, or a copy of them in which large values are bounded. Other things than attributes stay as they are. */
function boundedEach(span: RecordedSpan | undefined, attributes: unknown, { boundedValue, noteCut }: SpanBounds) {
  if (typeof attributes !== 'object' || attributes === null || Array.isArray(attributes)) return attributes;
  let copy: Attributes | undefined;
  for (const key in attributes) {
    const value = (attributes as Record<string, unknown>)[key];
    if (typeof value !== 'object' || value === null) continue;
    const note = () => {
      copy ??= { ...attributes };
      noteCut(span ?? { attributes: copy }, key);
    };
    const bounded = boundedValue(value, note);
    if (copy && bounded !== value) (copy as Record<string, unknown>)[key] = bounded;
  }
  return copy ?? attributes;
}

function kindOf(options: unknown): number | undefined {
  try {
    const { kind } = (options ?? {}) as SpanOptions;
    return typeof kind === 'number' ? kind : undefined;
  } catch {
    return undefined;
  }
}

function tell(method: string): void {
  diag.warn(`${method}() was given something that is not what it takes; that is left out.`);
}
