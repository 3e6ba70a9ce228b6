// Owns the spans that ended and are not yet sealed: at most `queueSize` live spans, then bytes take their place.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Background } from './background.ts';
import { type Cancel, later, laterHolding, soon } from './clock.ts';

export interface PendingOptions {
  queueSize: number;
  batchSize: number;
  batchDelayMs: number;
  background: Background;
  /** Takes over at most `batchSize` spans; must not throw. */
  seal: (spans: ReadableSpan[]) => void;
}

/** A detector (host id, cloud) may still be reading when the first batch is full; it gets this long, once. */
const RESOURCE_MS = 2_000;

export class PendingSpans {
  readonly #options: PendingOptions;
  #spans: ReadableSpan[] = [];
  #cancelDelay: Cancel | undefined;
  #cancelSoon: Cancel | undefined;
  #resourceWaited = false;

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#spans.length;
  }

  add(span: ReadableSpan): void {
    const { queueSize, batchSize, batchDelayMs, background } = this.#options;
    const length = this.#spans.push(span);
    // A burst within one tick: sealing now costs the caller some ms, dropping would cost the spans.
    if (length >= queueSize) this.#sealOne();
    else if (length >= batchSize) this.#cancelSoon ??= background(() => soon(() => this.#onFull()));
    else this.#cancelDelay ??= background(() => later(batchDelayMs, () => this.#onDelay()));
  }

  /** Seals everything; waits at most `timeoutMs` for the resource to be complete. */
  async sealAll(timeoutMs: number): Promise<void> {
    if (this.#resourcePending()) await this.#waitForResource(timeoutMs);
    this.sealNow();
  }

  sealNow(): void {
    this.#stopTimers();
    while (this.#spans.length > 0) this.#sealOne();
  }

  /** Forgets everything and returns how many spans that were. */
  clear(): number {
    const { length } = this.#spans;
    this.#spans = [];
    this.#stopTimers();
    return length;
  }

  #onFull(): void {
    this.#cancelSoon = undefined;
    this.#whenResourceReady(() => {
      while (this.#spans.length >= this.#options.batchSize) this.#sealOne();
    });
  }

  #onDelay(): void {
    this.#cancelDelay = undefined;
    this.#whenResourceReady(() => {
      while (this.#spans.length > 0) this.#sealOne();
    });
  }

  #sealOne(): void {
    this.#options.seal(this.#spans.splice(0, this.#options.batchSize));
  }

  #whenResourceReady(run: () => void): void {
    if (this.#resourcePending()) void this.#waitForResource(RESOURCE_MS).then(run);
    else run();
  }

  #resourcePending(): boolean {
    return !this.#resourceWaited && this.#spans[0]?.resource.asyncAttributesPending === true;
  }

  async #waitForResource(timeoutMs: number): Promise<void> {
    let cancel: Cancel = () => {};
    const timeout = new Promise<void>((resolve) => {
      cancel = laterHolding(Math.min(timeoutMs, RESOURCE_MS), resolve);
    });
    const settled = Promise.resolve(this.#spans[0]?.resource.waitForAsyncAttributes?.()).catch(() => {});
    await Promise.race([settled, timeout]);
    cancel();
    this.#resourceWaited = true;
  }

  #stopTimers(): void {
    this.#cancelDelay?.();
    this.#cancelSoon?.();
    this.#cancelDelay = undefined;
    this.#cancelSoon = undefined;
  }
}
