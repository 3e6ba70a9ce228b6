// Owns the fields that join a log line to its trace (R32), under the names that logging backends look for.
import { isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';

/** OpenTelemetry's names for log formats other than OTLP; most backends read them. */
export interface TraceFields {
  /** 32 hex digits. */
  trace_id: string;
  /** 16 hex digits. */
  span_id: string;
  /** Two hex digits; odd when the trace is kept: sampled at its head, or kept for a reason known by now. */
  trace_flags: string;
}

/** Elastic Common Schema. */
export interface EcsTraceFields {
  'trace.id': string;
  'span.id': string;
}

/** As Datadog's own tracer writes them: the trace in 32 hex digits, the span in decimal. */
export interface DatadogTraceFields {
  'dd.trace_id': string;
  'dd.span_id': string;
}

/** The special fields of Google Cloud's structured logging. */
export interface GoogleTraceFields {
  /** `projects/<GOOGLE_CLOUD_PROJECT>/traces/<32 hex digits>`; without a project in the environment the digits alone. */
  'logging.googleapis.com/trace': string;
  'logging.googleapis.com/spanId': string;
  'logging.googleapis.com/trace_sampled': boolean;
}

export interface FieldsByNames {
  otel: TraceFields;
  ecs: EcsTraceFields;
  datadog: DatadogTraceFields;
  google: GoogleTraceFields;
}

export type FieldNames = keyof FieldsByNames;

/** Where Google's own libraries look for the project. */
export const projectVariables = ['GOOGLE_CLOUD_PROJECT', 'GCLOUD_PROJECT', 'GCP_PROJECT'];

const makers: { [Names in FieldNames]: (context: SpanContext) => FieldsByNames[Names] } = {
  otel: ({ traceId, spanId, traceFlags }) => ({
    trace_id: traceId,
    span_id: spanId,
    trace_flags: traceFlags === 1 ? '01' : traceFlags.toString(16).padStart(2, '0'),
  }),
  ecs: ({ traceId, spanId }) => ({ 'trace.id': traceId, 'span.id': spanId }),
  datadog: ({ traceId, spanId }) => ({ 'dd.trace_id': traceId, 'dd.span_id': decimal(spanId) }),
  google: ({ traceId, spanId, traceFlags }) => ({
    'logging.googleapis.com/trace': tracePrefix() + traceId,
    'logging.googleapis.com/spanId': spanId,
    'logging.googleapis.com/trace_sampled': (traceFlags & 1) === 1,
  }),
};

/**
 * The active span's ids for a log line, or `{}` outside any span, so that it can always be spread:
 * `logger.info({ ...traceFields(), orderId }, 'paid')`.
 *
 * @param names whose: `otel` (default), `ecs`, `datadog`, `google`
 */
export function traceFields<Names extends FieldNames = 'otel'>(
  names?: Names,
): FieldsByNames[Names] | Record<string, never> {
  return fieldsMaker<Names>((names ?? 'otel') as Names)() ?? {};
}

/** A function that gives the fields of the active span, a new object each time, or undefined outside any span. Never throws. */
export function fieldsMaker<Names extends FieldNames>(names: Names): () => FieldsByNames[Names] | undefined {
  const make = (Object.hasOwn(makers, names) ? makers[names] : makers.otel) as (typeof makers)[Names];
  return () => {
    try {
      const context = activeContext();
      return context && make(context);
    } catch {
      return undefined; // A span that is none of the SDK's.
    }
  };
}

/** The same for a setting, where `off` stands for no fields at all. */
export function createLineFields(names: FieldNames | 'off'): (() => object | undefined) | undefined {
  return names === 'off' ? undefined : fieldsMaker(names);
}

/** Lines come in runs of one span, whose ids need no second check. */
let checked: SpanContext | undefined;

function activeContext(): SpanContext | undefined {
  const context = trace.getActiveSpan()?.spanContext();
  if (context === undefined || context === checked) return context;
  if (!isSpanContextValid(context)) return undefined;
  checked = context;
  return context;
}

let converted = { spanId: '', decimal: '' };

function decimal(spanId: string): string {
  if (converted.spanId !== spanId) converted = { spanId, decimal: BigInt(`0x${spanId}`).toString() };
  return converted.decimal;
}

let prefix: string | undefined;

/** Read when the first line is written: apps fill the environment from files. */
function tracePrefix(): string {
  if (prefix === undefined) {
    const project = projectVariables.map((name) => process.env[name]?.trim()).find(Boolean);
    prefix = project === undefined ? '' : `projects/${project}/traces/`;
  }
  return prefix;
}
