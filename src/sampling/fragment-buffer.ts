// Owns the memory of undecided traces: what is in it, how much, and who goes first when it is full.
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';
import { createFragment, type Fragment, sizeOf } from './fragment.ts';
import { PassingMap } from './passing-map.ts';

export interface BufferLimits {
  /** Bytes of ended, undecided spans, estimated; and once more as much for those that run. */
  bytes: number;
  /** Ended, undecided spans of one trace. */
  spansPerTrace: number;
  /** Traces known at once. */
  traces: number;
  /** Running spans known at once: those that nobody ever ends must not add up. */
  openSpans: number;
}

/** What is to be done for want of room. Both are real decisions, made with what is there. */
export interface BufferFull {
  /** Decide about the spans held so far; the trace goes on. */
  spans(fragment: Fragment): void;
  /** Decide and let the whole trace go, by `delete`. */
  traces(fragment: Fragment): void;
}

/** With fewer starts than that it is not worth a look. */
const WEIGH_AFTER = 256;

export class FragmentBuffer {
  readonly #limits: BufferLimits;
  readonly #full: BufferFull;
  /** Oldest first. */
  readonly #fragments = new PassingMap<string, Fragment>();
  /** Those whose roots have all ended, oldest first: nobody waits for them, so they make room first. */
  readonly #resting = new PassingMap<Fragment, Fragment>();
  /** Those with ended spans, in the same two ranks, so that room is found without a search. */
  readonly #restingHolders = new PassingMap<Fragment, Fragment>();
  readonly #holders = new PassingMap<Fragment, Fragment>();
  #bytes = 0;
  #spans = 0;
  #open = 0;
  #startsToWeighing = WEIGH_AFTER;

  constructor(limits: BufferLimits, full: BufferFull) {
    this.#limits = limits;
    this.#full = full;
  }

  get(traceId: string): Fragment | undefined {
    return this.#fragments.get(traceId);
  }

  /** To be called before a span is added to anything: it may let go the very trace that the span belongs to. */
  makeRoom(): void {
    if (this.#open >= this.#limits.openSpans) this.#letGo();
    if (--this.#startsToWeighing < 0) this.#weigh();
  }

  create(traceId: string): Fragment {
    if (this.#fragments.size >= this.#limits.traces) this.#letGo();
    const fragment = createFragment(traceId);
    this.#fragments.set(traceId, fragment);
    return fragment;
  }

  start(fragment: Fragment, span: Span): void {
    fragment.open.add(span);
    this.#open++;
  }

  /** False for a span that was not started here: its fragment is gone, or it was one too many. */
  end(fragment: Fragment, span: Span): boolean {
    if (!fragment.open.delete(span)) return false;
    this.#open--;
    return true;
  }

  /** Holds an ended span, and makes room for it. */
  hold(fragment: Fragment, span: ReadableSpan): void {
    const bytes = sizeOf(span);
    if (fragment.ended.length === 0) this.#rank(fragment).set(fragment, fragment);
    fragment.ended.push(span);
    fragment.bytes += bytes;
    this.#bytes += bytes;
    this.#spans++;
    if (fragment.ended.length > this.#limits.spansPerTrace) this.give(fragment);
    while (this.#bytes > this.#limits.bytes) {
      // Triggered ones hold no ended span: they stream, and are never given up.
      const oldest = first(this.#restingHolders) ?? first(this.#holders);
      if (oldest === undefined) return;
      this.give(oldest);
    }
  }

  /** Hands the held spans over; the fragment stays. */
  take(fragment: Fragment): ReadableSpan[] {
    const { ended } = fragment;
    if (ended.length === 0) return ended;
    this.#rank(fragment).delete(fragment);
    this.#bytes -= fragment.bytes;
    this.#spans -= ended.length;
    fragment.ended = [];
    fragment.bytes = 0;
    return ended;
  }

  rest(fragment: Fragment): void {
    this.#move(fragment, () => this.#resting.set(fragment, fragment));
  }

  /** A request of a resting trace has begun. */
  wake(fragment: Fragment): void {
    if (this.#resting.has(fragment)) this.#move(fragment, () => this.#resting.delete(fragment));
  }

  /** Its spans have been taken by then. */
  delete(fragment: Fragment): void {
    this.take(fragment);
    this.#fragments.delete(fragment.traceId);
    this.#resting.delete(fragment);
    this.#open -= fragment.open.size;
    fragment.live = false;
  }

  all(): Fragment[] {
    return [...this.#fragments.values()];
  }

  stats(): { traces: number; spans: number; bytes: number } {
    return { traces: this.#fragments.size, spans: this.#spans, bytes: this.#bytes };
  }

  #rank(fragment: Fragment): PassingMap<Fragment, Fragment> {
    return this.#resting.has(fragment) ? this.#restingHolders : this.#holders;
  }

  #move(fragment: Fragment, change: () => void): void {
    this.#rank(fragment).delete(fragment);
    change();
    if (fragment.ended.length > 0) this.#rank(fragment).set(fragment, fragment);
  }

  /** Has the spans held so far decided about. */
  give(fragment: Fragment): void {
    this.#full.spans(fragment);
    this.take(fragment);
  }

  /** Running spans grow and nobody says when, so all of them are weighed, once for as many starts as there are spans. */
  #weigh(): void {
    let bytes = 0;
    for (const fragment of this.#fragments.values()) bytes += openBytes(fragment);
    for (const fragment of this.#fragments.values()) {
      if (bytes <= this.#limits.bytes) break;
      bytes -= openBytes(fragment);
      this.#full.traces(fragment);
    }
    this.#startsToWeighing = Math.max(WEIGH_AFTER, this.#open);
  }

  #letGo(): void {
    const oldest = first(this.#resting) ?? this.#fragments.values().next().value;
    if (oldest !== undefined) this.#full.traces(oldest);
  }
}

function openBytes({ open }: Fragment): number {
  let bytes = 0;
  for (const span of open) bytes += sizeOf(span as unknown as ReadableSpan);
  return bytes;
}

function first(fragments: PassingMap<Fragment, Fragment>): Fragment | undefined {
  return fragments.values().next().value;
}
