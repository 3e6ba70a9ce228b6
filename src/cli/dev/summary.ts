// From the spans of a trace to its row in the list. Pure.
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import type { TraceSummary } from './contract.ts';
import { isEntry, isError, isWaiting, serviceOf } from './span-facts.ts';
import type { HeldTrace } from './store.ts';
import { byStart, durationOf, endOf, startOf } from './times.ts';
import { type Policy, verdictOf } from './verdict.ts';

export function summaryOf({ traceId, spans: held, seq }: HeldTrace, policy: Policy): TraceSummary {
  const spans = [...held.values()].sort(byStart);
  const root = spans.find((span) => span.parentSpanId === undefined);
  const first = root ?? spans.find((span) => !held.has(span.parentSpanId!)) ?? spans[0]!;
  const services = new Set<string>();
  let failed: { service: string } | undefined;
  let slow: ReceivedSpan | undefined;
  let end = 0;
  for (const span of spans) {
    services.add(serviceOf(span));
    end = Math.max(end, endOf(span));
    if (failed === undefined && isError(span)) failed = { service: serviceOf(span) };
    if (isSlow(span, held, policy) && (slow === undefined || durationOf(span) > durationOf(slow))) slow = span;
  }
  const verdict = verdictOf({ traceId, spans, failed, slow }, policy);
  const startMs = startOf(spans[0]!);
  return {
    traceId,
    name: first.name,
    startMs,
    durationMs: end - startMs,
    spans: spans.length,
    services: [...services],
    error: failed !== undefined || verdict.reason === 'error',
    slow: slow !== undefined || verdict.reason === 'slow',
    verdict,
    partial: root === undefined,
    seq,
  };
}

function isSlow(span: ReceivedSpan, held: ReadonlyMap<string, ReceivedSpan>, { slowMs }: Policy): boolean {
  if (durationOf(span) < slowMs || isWaiting(span)) return false;
  return isEntry(span, span.parentSpanId === undefined ? undefined : held.get(span.parentSpanId));
}

/** Summaries until their trace changes. Held by the trace itself, so that they go with it. */
export class Summaries {
  readonly #policy: Policy;
  readonly #known = new WeakMap<HeldTrace, TraceSummary>();

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  of(trace: HeldTrace): TraceSummary {
    const known = this.#known.get(trace);
    if (known?.seq === trace.seq) return known;
    const summary = summaryOf(trace, this.#policy);
    this.#known.set(trace, summary);
    return summary;
  }
}
