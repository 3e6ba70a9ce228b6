// From the spans of a trace to its row in the list. Pure.
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import type { TraceSummary } from './contract.ts';
import { isEntry, isError, isWaiting, serviceOf } from './span-facts.ts';
import type { HeldTrace } from './store.ts';
import { byStart, durationOf, msOf, startOf } from './times.ts';
import { type Policy, verdictOf } from './verdict.ts';

/** One pass and no sorting: with ten thousand spans in a trace, each of them that comes late asks for all of this anew. */
export function summaryOf({ traceId, spans: held, seq }: HeldTrace, policy: Policy): TraceSummary {
  const services = new Map<string, ReceivedSpan>();
  let first: ReceivedSpan | undefined;
  let root: ReceivedSpan | undefined;
  let orphan: ReceivedSpan | undefined;
  const errors: ReceivedSpan[] = [];
  let slow: ReceivedSpan | undefined;
  let end = 0n;
  for (const span of held.values()) {
    first = earlier(first, span);
    if (span.parentSpanId === undefined) root = earlier(root, span);
    else if (!held.has(span.parentSpanId)) orphan = earlier(orphan, span);
    if (span.endTimeUnixNano > end) end = span.endTimeUnixNano;
    const service = serviceOf(span);
    services.set(service, earlier(services.get(service), span));
    if (isError(span)) errors.push(span);
    if (isSlow(span, held, policy) && (slow === undefined || durationOf(span) > durationOf(slow))) slow = span;
  }
  if (first === undefined) throw new Error('a trace without spans is not held');
  const failed = originOf(errors, held);
  const verdict = verdictOf({ traceId, spans: held.values(), failed, slow }, policy);
  const startMs = startOf(first);
  return {
    traceId,
    name: (root ?? orphan ?? first).name,
    startMs,
    // To the microsecond: the difference of two large doubles has a tail of noise.
    durationMs: Math.max(0, Math.round((msOf(end) - startMs) * 1000) / 1000),
    spans: held.size,
    services: [...services].sort(([, a], [, b]) => byStart(a, b)).map(([service]) => service),
    error: failed !== undefined || verdict.reason === 'error',
    slow: slow !== undefined || verdict.reason === 'slow',
    verdict,
    partial: root === undefined,
    seq,
  };
}

/** The first error that no other one below it explains, however many spans that say nothing are between the two. */
function originOf(errors: ReceivedSpan[], held: ReadonlyMap<string, ReceivedSpan>): ReceivedSpan | undefined {
  const above = new Set<string>();
  for (const error of errors) {
    for (let id = error.parentSpanId; id !== undefined && !above.has(id); id = held.get(id)?.parentSpanId)
      above.add(id);
  }
  const deepest = errors.filter((span) => !above.has(span.spanId));
  return deepest.reduce<ReceivedSpan | undefined>(earlier, undefined) ?? errors[0];
}

const earlier = (a: ReceivedSpan | undefined, b: ReceivedSpan) =>
  a === undefined || b.startTimeUnixNano < a.startTimeUnixNano ? b : a;

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
