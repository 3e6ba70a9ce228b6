// captureSpans: the spans of one callback, and of nothing else that the process does meanwhile.
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { createSpanRedactor } from '../span/redact.ts';
import { capturedSpan } from './captured-span.ts';
import { openCapture } from './followed-traces.ts';
import { patchLoaded } from './patch-loaded.ts';
import { ensureTracing } from './quiet-tracing.ts';
import { spanTree } from './span-tree.ts';
import type { CapturedSpan } from './test-span.ts';

export interface CaptureOptions {
  /**
   * Milliseconds to wait, when the callback is done, for spans to end and for `until`. What runs on after that is in the
   * result with `ended: false`. Default 1000.
   */
  timeoutMs?: number;
  /** Wait for this, too: for work that the callback starts and that begins its spans later. Default: nothing. */
  until?: (spans: CapturedSpan[]) => boolean;
}

/**
 * Runs `fn` and gives its spans, by their start: all of every trace that begins in it, those of in-process servers it
 * calls among them, wherever these were started. Captures may run in parallel.
 *
 * With `initTracing()` or the preload running, those are its spans; otherwise tracing is set up quietly, see
 * `traceForTests`. Secrets are hidden as they would be at the export. An active span around the call is no parent.
 *
 * @example
 * const spans = await captureSpans(() => request(app).get('/orders/42'));
 * expect(spanTree(spans, { durations: false })).toBe('GET\n└─ GET /orders/:id');
 * @throws what `fn` throws; an Error when `until` does not hold in time, or nothing can be captured
 */
export async function captureSpans(fn: () => unknown, options: CaptureOptions = {}): Promise<CapturedSpan[]> {
  const { timeoutMs = 1_000, until } = options;
  const { probe, settings } = ensureTracing();
  patchLoaded(probe.instrumentations);
  const redact =
    settings?.redact === false
      ? (span: ReadableSpan) => span
      : createSpanRedactor({ keys: settings?.redactKeys ?? [] });
  const { capture, result, close } = openCapture(() => context.with(ROOT_CONTEXT, fn));
  const spans = () => capture.spans.map((span) => capturedSpan(span, redact));
  try {
    await result;
    const complete = await capture.settle(timeoutMs, () => until === undefined || until(spans()));
    if (!complete && until !== undefined && !until(spans())) {
      const tree = spanTree(spans());
      throw new Error(
        `captureSpans: what was waited for did not come in ${timeoutMs} ms. Captured:\n${tree || '(no span)'}`,
      );
    }
    return spans();
  } finally {
    close();
  }
}
