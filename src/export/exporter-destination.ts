// Any official `SpanExporter` (gRPC, console, the user's own) as a destination. It is trusted with nothing.
import { ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { createBackground } from './background.ts';
import { type Cancel, later, laterHolding } from './clock.ts';
import type { Destination, Failure, Outcome } from './destination-contract.ts';
import { connectionCauses } from './failure-causes.ts';
import { soundSpans } from './sound-span.ts';

export interface ExporterDestinationOptions {
  /** For messages: no credentials. */
  label: string;
  /** Milliseconds the exporter may take; its own deadline should be shorter. */
  exportTimeoutMs: number;
}

/** Live spans cannot be sealed; this is what one was measured to hold on to. */
const SPAN_BYTES = 1_204;
/** Past its own deadline an exporter gets this long to say so. */
const GRACE_MS = 1_000;
/** gRPC status codes that the OTLP specification calls retryable. */
const GRPC_RETRYABLE = new Set([1, 4, 8, 10, 11, 14, 15]);

export function createExporterDestination(exporter: SpanExporter, options: ExporterDestinationOptions): Destination {
  const { label, exportTimeoutMs } = options;
  const background = createBackground();
  return {
    label,
    unanswered: unanswered(label),
    // The specification forbids concurrent `export` calls on one exporter.
    concurrency: 1,
    seal: (all) => {
      const spans = soundSpans(all);
      const sealed = {
        body: { kind: 'spans' as const, spans },
        size: spans.length * SPAN_BYTES,
        spanCount: spans.length,
      };
      return { sealed: spans.length > 0 ? [sealed] : [], poisoned: all.length - spans.length };
    },
    send: async (body, _spanCount, signal) => {
      if (body.kind !== 'spans') throw new TypeError('An exporter takes spans');
      const attempt: Attempt = (spans) =>
        background(() => exportOnce(exporter, spans, exportTimeoutMs + GRACE_MS, label, signal));
      return exportWithoutPoison(attempt, body.spans);
    },
    close: async (timeoutMs) => {
      let cancel: Cancel = () => {};
      const deadline = new Promise<void>((resolve) => {
        cancel = laterHolding(timeoutMs, resolve);
      });
      const closed = background(async () => exporter.shutdown()).catch(() => {});
      await Promise.race([closed, deadline]);
      cancel();
    },
  };
}

type Attempt = (spans: ReadableSpan[]) => Promise<Outcome & { threw?: true }>;

/** An exporter that throws has met a span that its serializer cannot encode: halve until that one stands alone. */
async function exportWithoutPoison(attempt: Attempt, spans: ReadableSpan[]): Promise<Outcome> {
  const { threw, ...outcome } = await attempt(spans);
  if (!threw || spans.length === 1) return outcome;
  const middle = spans.length >> 1;
  let rejected = 0;
  let failure: Failure | undefined;
  for (const half of [spans.slice(0, middle), spans.slice(middle)]) {
    const result = await exportWithoutPoison(attempt, half);
    // The other half may be delivered already, so this one cannot be repeated with it.
    rejected += result.kind === 'accepted' ? result.rejected : half.length;
    failure ??= result.failure;
  }
  if (!failure) return { kind: 'accepted', rejected: 0 };
  return rejected < spans.length ? { kind: 'accepted', rejected, failure } : { kind: 'rejected', failure };
}

function exportOnce(
  exporter: SpanExporter,
  spans: ReadableSpan[],
  timeoutMs: number,
  label: string,
  signal: AbortSignal,
): ReturnType<Attempt> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome & { threw?: true }) => {
      cancel();
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    // A late answer could still make it a success, so repeating would duplicate: a hung exporter loses this batch.
    const hung = () => settle({ kind: 'rejected', failure: unanswered(label) });
    const onAbort = () => settle({ kind: 'retry', failure: failureOf(new Error('called off'), label) });
    const cancel = later(timeoutMs, hung);
    signal.addEventListener('abort', onAbort);
    try {
      exporter.export(spans, ({ code, error }) => {
        if (code === ExportResultCode.SUCCESS) settle({ kind: 'accepted', rejected: 0 });
        else settle({ kind: isTransient(error) ? 'retry' : 'rejected', failure: failureOf(error, label) });
      });
    } catch (error) {
      settle({ kind: 'rejected', failure: failureOf(error, label), threw: true });
    }
  });
}

function unanswered(label: string): Failure {
  return {
    code: 'exporter_timeout',
    what: `${label} did not answer in time`,
    fix: 'Set a timeout inside the exporter that is shorter than OTEL_EXPORTER_OTLP_TIMEOUT.',
  };
}

/** Exporters retry by themselves; what is transient beyond that is an outage, which spans wait out in our queue. */
function isTransient(error: unknown): boolean {
  const code = codeOf(error);
  return typeof code === 'number' ? GRPC_RETRYABLE.has(code) : code !== undefined && code in connectionCauses;
}

function failureOf(error: unknown, label: string): Failure {
  const code = codeOf(error);
  const message = error instanceof Error ? error.message : 'no reason given';
  const key = code === undefined ? 'exporter_failed' : typeof code === 'number' ? `grpc_${code}` : code;
  return {
    code: key,
    what: `${label} failed: ${message}`,
    fix: 'The reason comes from the exporter; see its documentation.',
  };
}

function codeOf(error: unknown): string | number | undefined {
  const code = (error as { code?: unknown } | undefined)?.code;
  return typeof code === 'string' || typeof code === 'number' ? code : undefined;
}
