// Any official `SpanExporter` (gRPC, console, the user's own) as a destination. It is trusted with nothing.
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';
import { createBackground } from '../background.ts';
import { type Cancel, later, laterHolding } from '../clock.ts';
import type { Destination, Failure, Outcome, Sealed } from './destination-contract.ts';
import { failureOf, judgeError, judgeResult, type VerdictContext } from './exporter-verdict.ts';
import { createScrub } from './scrub.ts';
import { soundSpans } from './sound-span.ts';
import { sizeOf } from './span-size.ts';

export interface ExporterDestinationOptions {
  /** For messages: no credentials. */
  label: string;
  /** Milliseconds the exporter may take; its own deadline should be shorter. */
  exportTimeoutMs: number;
  /** Hides secrets in what the exporter says. Credentials in URLs and after `Bearer` always are. */
  redactText?: ((text: string) => string) | undefined;
  /** Values that must not be said, such as those of headers. */
  secrets?: string[];
}

/** Estimated memory of the spans handed over at once. */
const BATCH_BYTES = 4 * 1024 * 1024;
/** Past its own deadline an exporter gets this long to say so. */
const GRACE_MS = 1_000;
export function createExporterDestination(exporter: SpanExporter, options: ExporterDestinationOptions): Destination {
  const { label, exportTimeoutMs, redactText, secrets = [] } = options;
  const context = { label, scrub: createScrub(secrets, redactText) };
  const background = createBackground();
  return {
    label,
    unanswered: { code: 'unanswered', what: `${label} did not answer`, fix: 'Find out what it waits for.' },
    // The specification forbids concurrent `export` calls on one exporter.
    concurrency: 1,
    seal: (all) => {
      const spans = soundSpans(all);
      return { sealed: parts(spans), poisoned: all.length - spans.length };
    },
    send: async (body, _spanCount, signal) => {
      if (body.kind !== 'spans') throw new TypeError('An exporter takes spans');
      const attempt: Attempt = (spans) =>
        background(() => exportOnce(exporter, spans, exportTimeoutMs + GRACE_MS, context, signal));
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

/** Live spans cannot be sealed, only counted: a batch that holds much is cut, or it would be too much for the queue. */
function parts(spans: ReadableSpan[]): Sealed[] {
  const sealed: Sealed[] = [];
  let last: { body: { kind: 'spans'; spans: ReadableSpan[] }; size: number; spanCount: number } | undefined;
  for (const span of spans) {
    const size = sizeOf(span);
    if (!last || last.size + size > BATCH_BYTES) {
      last = { body: { kind: 'spans', spans: [] }, size: 0, spanCount: 0 };
      sealed.push(last);
    }
    last.body.spans.push(span);
    last.size += size;
    last.spanCount++;
  }
  return sealed;
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
  context: VerdictContext,
  signal: AbortSignal,
): ReturnType<Attempt> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome & { threw?: true }) => {
      cancel();
      signal.removeEventListener('abort', onAbort);
      resolve(outcome);
    };
    // A late answer could still make it a success, so repeating would duplicate: a hung exporter loses this batch.
    const hung = () => settle({ kind: 'rejected', failure: timedOut(context.label) });
    const onAbort = () => settle({ kind: 'retry', failure: failureOf('it was called off', context) });
    const cancel = later(timeoutMs, hung);
    signal.addEventListener('abort', onAbort);
    try {
      const returned: unknown = exporter.export(spans, (result) => settle(judgeResult(result, context)));
      // `async export()` is a common mistake; its rejection belongs to nobody and would end the app.
      if (returned) onRejection(returned, (error) => settle(judgeError(error, context)));
    } catch (error) {
      settle({ kind: 'rejected', failure: failureOf(error, context), threw: true });
    }
  });
}

/** Adopting it in a promise of ours also catches a `then` that throws. */
function onRejection(value: unknown, run: (error: unknown) => void): void {
  new Promise((resolve) => resolve(value)).catch(run);
}

function timedOut(label: string): Failure {
  return {
    code: 'exporter_timeout',
    what: `${label} did not answer in time`,
    fix: 'Set a timeout inside the exporter that is shorter than OTEL_EXPORTER_OTLP_TIMEOUT.',
  };
}
