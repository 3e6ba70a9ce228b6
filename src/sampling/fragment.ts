// Owns what is known of one trace in this process while it is undecided or still running.
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';

/** Why a fragment was kept. `head`: the sampler's choice alone. The list is public: `keeptrace.reason`. */
export type KeepReason =
  | 'head'
  | 'error'
  | 'slow'
  | 'deadline'
  | 'flag'
  | 'response'
  | 'bus'
  | 'manual'
  | 'error_late'
  | 'evicted';

/** Reasons found in this process, which keeps every such fragment: one of them stands for itself alone. */
const ownReasons = new Set<KeepReason>(['error', 'slow', 'manual']);

export function isOwnReason(reason: KeepReason): boolean {
  return ownReasons.has(reason);
}

/** Whether the trace enters this process, or begins, with this span. */
export function isLocalRoot({ parentSpanContext: parent }: Pick<ReadableSpan, 'parentSpanContext'>): boolean {
  return parent === undefined || parent.isRemote === true;
}

/** All spans of one trace id in one process; several requests of one trace share it. */
export interface Fragment {
  readonly traceId: string;
  /** Explicit randomness of the trace, else its id counts. */
  rv: string | undefined;
  /** Every request of it so far is on a route that keeps nothing for reasons of this process. */
  never: boolean | undefined;
  /** The sampled flag at the start, by our head sampler or the caller's. */
  head: boolean;
  /** `th` of that decision, undefined where the caller said none. */
  headThreshold: string | undefined;
  /** Set by the first trigger that was let through; spans stream out from then on. */
  forced: KeepReason | undefined;
  /** `th` of an own trigger; undefined for a fragment kept on another's word. */
  ownThreshold: string | undefined;
  /** An own trigger was seen, so that later ones are not counted again. */
  triggered: boolean;
  /** Its ended spans were given up or sent by the head's word alone, for want of room. */
  evicted: boolean;
  /** Recording spans, whose contexts are flipped by a trigger. */
  readonly open: Set<Span>;
  /** Open spans without a local parent. */
  openRoots: number;
  /** Ended and undecided. */
  ended: ReadableSpan[];
  /** Estimated, of `ended`. */
  bytes: number;
  /** Where an own trigger that was let through is counted. */
  booked: 'exported' | 'evicted' | undefined;
  /** A span of it has ended that was more than noise. */
  real: boolean;
  /** A span of it has been handed out since it was forced. */
  emitted: boolean;
  /** Spans handed out since an own trigger. */
  streamed: number;
  /** That were enough for one trigger: requests that begin from now on are a trace of their own. */
  spent: boolean;
  /** It goes on where one of the same trace id was spent, of which requests may still run. */
  follows: boolean;
  /** When its last root ended, on the monotonic clock. */
  restedAt: number | undefined;
  /** The caller was unsampled, so its part may be missing. */
  callerUndecided: boolean;
  /** False once it left the buffer. */
  live: boolean;
}

export function createFragment(traceId: string): Fragment {
  return {
    traceId,
    rv: undefined,
    never: undefined,
    head: false,
    headThreshold: undefined,
    forced: undefined,
    ownThreshold: undefined,
    triggered: false,
    evicted: false,
    open: new Set(),
    openRoots: 0,
    ended: [],
    bytes: 0,
    booked: undefined,
    real: false,
    emitted: false,
    streamed: 0,
    spent: false,
    follows: false,
    restedAt: undefined,
    callerUndecided: false,
    live: true,
  };
}

/** Of a span without attributes, measured on the heap. */
const SPAN_BYTES = 900;
const ENTRY_BYTES = 60;

/** What holding the span costs, in bytes; exact enough for a bound, cheap enough for every span. */
export function sizeOf(span: ReadableSpan): number {
  let bytes = SPAN_BYTES + span.name.length + sizeOfAttributes(span.attributes);
  for (const event of span.events) bytes += 200 + sizeOfAttributes(event.attributes);
  for (const link of span.links) bytes += 300 + sizeOfAttributes(link.attributes);
  return bytes;
}

function sizeOfAttributes(attributes: Record<string, unknown> | undefined): number {
  let bytes = 0;
  for (const key in attributes) {
    const value = attributes[key];
    bytes += ENTRY_BYTES;
    if (typeof value === 'string') bytes += value.length;
    else if (Array.isArray(value)) for (const one of value) bytes += typeof one === 'string' ? 16 + one.length : 16;
    else if (typeof value === 'object' && value !== null) bytes += 1_000;
  }
  return bytes;
}
