// Owns the spans that ended and are not yet sealed: at most `queueSize` live spans, then bytes take their place. Lanes are
// sealed apart, so that a batch as a whole is worth keeping or is not.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { Background } from './background.ts';
import { type Cancel, later, laterHolding, soon } from './clock.ts';
import type { Lane } from './destination/destination-contract.ts';

export interface PendingOptions {
  queueSize: number;
  batchSize: number;
  batchDelayMs: number;
  /** Live spans in a burst; by default two batches. */
  most?: number;
  background: Background;
  /** Takes over at most `batchSize` spans; must not throw. */
  seal: (spans: ReadableSpan[], lane: Lane) => void;
}

/** A detector (host id, cloud) may still be reading when the first batch is full; it gets this long, once. */
const RESOURCE_MS = 2_000;

/** Live ones kept in a burst. */
const MOST_BATCHES = 2;

export class PendingSpans {
  readonly #options: PendingOptions;
  #spans: Record<Lane, ReadableSpan[]> = { kept: [], rest: [] };
  #cancelDelay: Cancel | undefined;
  #cancelSoon: Cancel | undefined;
  #resourceWaited = false;

  constructor(options: PendingOptions) {
    this.#options = options;
  }

  get length(): number {
    return this.#spans.kept.length + this.#spans.rest.length;
  }

  add(span: ReadableSpan, lane: Lane): void {
    const { queueSize, batchSize, batchDelayMs, background, most = MOST_BATCHES * batchSize } = this.#options;
    const length = this.#spans[lane].push(span);
    // A burst within one tick: sealing now costs the caller some ms, dropping would cost the spans.
    // A few batches are enough to wait for the end of the tick; thousands of spans would outlive the garbage of their time.
    const full = Math.min(queueSize, most);
    if (this.length >= full) this.#sealOne(length >= full / 2 ? lane : other(lane));
    else if (this.length >= batchSize) this.#cancelSoon ??= background(() => soon(() => this.#onFull()));
    else this.#cancelDelay ??= background(() => later(batchDelayMs, () => this.#onDelay()));
  }

  /** Seals everything; waits at most `timeoutMs` for the resource to be complete. */
  async sealAll(timeoutMs: number): Promise<void> {
    if (this.#resourcePending()) await this.#waitForResource(timeoutMs);
    this.sealNow();
  }

  sealNow(): void {
    this.#stopTimers();
    this.#sealDownTo(1);
  }

  /** Forgets everything and returns how many spans that were. */
  clear(): number {
    const { length } = this;
    this.#spans = { kept: [], rest: [] };
    this.#stopTimers();
    return length;
  }

  #onFull(): void {
    this.#cancelSoon = undefined;
    // Both lanes together: what is not sealed is what a killed process loses.
    this.#whenResourceReady(() => {
      const { kept, rest } = this.#spans;
      while (this.length >= this.#options.batchSize) this.#sealOne(kept.length > rest.length ? 'kept' : 'rest');
    });
  }

  #onDelay(): void {
    this.#cancelDelay = undefined;
    this.#whenResourceReady(() => this.#sealDownTo(1));
  }

  /** Seals while a lane holds that many spans. */
  #sealDownTo(least: number): void {
    for (const lane of lanes) while (this.#spans[lane].length >= least) this.#sealOne(lane);
  }

  #sealOne(lane: Lane): void {
    this.#options.seal(this.#spans[lane].splice(0, this.#options.batchSize), lane);
  }

  #whenResourceReady(run: () => void): void {
    if (this.#resourcePending()) void this.#waitForResource(RESOURCE_MS).then(run);
    else run();
  }

  /** All spans of a provider have the same. */
  get #resource(): ReadableSpan['resource'] | undefined {
    return (this.#spans.kept[0] ?? this.#spans.rest[0])?.resource;
  }

  #resourcePending(): boolean {
    return !this.#resourceWaited && this.#resource?.asyncAttributesPending === true;
  }

  async #waitForResource(timeoutMs: number): Promise<void> {
    let cancel: Cancel = () => {};
    const timeout = new Promise<void>((resolve) => {
      cancel = laterHolding(Math.min(timeoutMs, RESOURCE_MS), resolve);
    });
    const settled = Promise.resolve(this.#resource?.waitForAsyncAttributes?.()).catch(() => {});
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

const lanes = ['kept', 'rest'] as const;
const other = (lane: Lane): Lane => (lane === 'kept' ? 'rest' : 'kept');
