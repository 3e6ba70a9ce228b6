// Owns one capture: the spans that belong to it, and when it is over.
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';
import { after, aTurn } from './real-time.ts';

/** A test that makes more has lost its way, and its memory with it. */
const MOST_SPANS = 20_000;

export class Capture {
  /** By start. */
  readonly #spans = new Set<ReadableSpan>();
  readonly #open = new Set<ReadableSpan>();
  readonly traceIds = new Set<string>();
  /** A capture around this one, which sees its spans, too. */
  readonly outer: Capture | undefined;
  #changed: () => void = () => {};
  /** Spans beyond the bound. */
  #lost = 0;

  constructor(outer: Capture | undefined) {
    this.outer = outer;
  }

  get spans(): ReadableSpan[] {
    return [...this.#spans];
  }

  started(span: Span): void {
    if (this.#spans.size >= MOST_SPANS) this.#lost += 1;
    else {
      this.#spans.add(span as unknown as ReadableSpan);
      this.#open.add(span as unknown as ReadableSpan);
    }
    this.outer?.started(span);
  }

  ended(span: ReadableSpan): void {
    this.#open.delete(span);
    this.#changed();
    this.outer?.ended(span);
  }

  forgotten(span: ReadableSpan): void {
    this.#spans.delete(span);
    this.ended(span);
    this.outer?.forgotten(span);
  }

  /** Resolves when every span has ended and `isComplete` says so, or after `timeoutMs`. True: in time. */
  async settle(timeoutMs: number, isComplete: () => boolean): Promise<boolean> {
    let late = false;
    const cancel = after(timeoutMs, () => {
      late = true;
      this.#changed();
    });
    try {
      // A server ends its span a turn or two after the client has the response.
      await aTurn();
      while (!late && (this.#open.size > 0 || !isComplete())) {
        await new Promise<void>((resolve) => {
          this.#changed = resolve;
        });
        await aTurn();
      }
    } finally {
      cancel();
    }
    if (this.#lost > 0) {
      throw new Error(
        `captureSpans: more than ${MOST_SPANS} spans were started, ${this.#lost} of them are not captured`,
      );
    }
    return this.#open.size === 0 && isComplete();
  }
}
