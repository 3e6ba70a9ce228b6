// Moves batches from the queue to one destination: how many at a time, when to wait, when to give up on age.
import type { DropReason, Ledger } from './accounting.ts';
import { type Cancel, later, now } from './clock.ts';
import type { Destination, Failure, Outcome, Sealed } from './destination-contract.ts';
import type { PipelineEvents } from './events.ts';
import type { ExportLimits } from './limits.ts';
import { type Batch, type BatchQueue, ownSpansOf } from './queue.ts';
import { Refusals, type Step } from './refusals.ts';
import { backoffMs } from './retry.ts';

export interface SenderOptions {
  destination: Destination;
  queue: BatchQueue;
  ledger: Ledger;
  limits: ExportLimits;
  on: PipelineEvents;
  /** Called after every attempt. */
  changed: () => void;
  /** The destination has taken or refused the batch. */
  done: (batch: Batch, accepted: boolean) => void;
  /** The batch is no more; the parts have taken its place. */
  split: (batch: Batch, parts: Batch[]) => void;
  /** Takes over batches that are no longer in the queue. */
  gaveUp: (reason: DropReason, batches: Batch[]) => void;
}

/** The state belongs to the destination, not to a batch: when one attempt learns that it is down, all batches wait. */
export class Sender {
  /** The last reason for which the destination did not take a batch; undefined while it does. */
  failure: Failure | undefined;
  /** How many wait for a flush; while there are any, own back-offs are short. */
  hurried = 0;
  /** Set when the server named a time (`Retry-After`): monotonic ms before which it must not be called. */
  askedToWaitUntil = 0;

  readonly #options: SenderOptions;
  /** Taken from the queue: being sent, about to be, or refused and about to be halved. */
  readonly #inFlight = new Set<Batch>();
  readonly #refusals: Refusals;
  /** Parts of batches, to be sent before what is in the queue. */
  #parts: Batch[] = [];
  /** Attempts under way. */
  #running = 0;
  #abort = new AbortController();
  #failures = 0;
  #lastFailureAt = 0;
  #failingSince = 0;
  #waitUntil = 0;
  #cancelTimer: Cancel | undefined;
  #closed = false;

  constructor(options: SenderOptions) {
    this.#options = options;
    this.#refusals = new Refusals({ ...options, onSplit: (batch, parts) => this.#split(batch, parts) });
  }

  /**
   * Nobody listens, on this machine: a laptop without a collector must not take seconds to stop. A second is given to one
   * that is being restarted; elsewhere a refusal may be a rollout, and is worth the whole deadline.
   *
   * @param since monotonic ms; what was refused before may be welcome now
   */
  aloneSince(since: number): boolean {
    const { destination, limits } = this.#options;
    const refused = this.#failures > 0 && this.#lastFailureAt >= since && this.failure?.code === 'ECONNREFUSED';
    return destination.local === true && refused && now() - this.#failingSince >= limits.aloneMs;
  }

  get stopped(): boolean {
    return this.#closed;
  }

  get failing(): boolean {
    return this.#failures > 0;
  }

  get inFlight(): ReadonlySet<Batch> {
    return this.#inFlight;
  }

  /** Starts as many attempts as are allowed now, and a timer for the rest. */
  pump(): void {
    if (this.#closed) return;
    const { queue, limits, destination, gaveUp } = this.#options;
    gaveUp('expired', queue.expire(now() - limits.maxAgeMs));
    // A single probe while it fails: a collector that recovers gets one request, not the whole queue.
    const limit =
      this.#failures > 0 ? 1 : Math.min(destination.concurrency ?? Number.POSITIVE_INFINITY, limits.concurrency);
    while ((this.#parts.length > 0 || queue.first) && this.#running < limit) {
      const wait = this.#waitUntil - now();
      if (wait > 0) {
        this.#arm(wait);
        return;
      }
      void this.#attempt(this.#take());
    }
  }

  /** Cuts an own back-off short, at most every `hurryMs`, and never a wait that the server asked for. */
  hurry(): void {
    if (this.#failures > 0) {
      const soonest = Math.max(this.askedToWaitUntil, this.#lastFailureAt + this.#options.limits.hurryMs);
      this.#waitUntil = Math.min(this.#waitUntil, soonest);
    }
    this.pump();
  }

  /**
   * Calls off the attempts under way; their batches wait again. A connection that is being made, or a body that nobody
   * reads, keeps the event loop alive whatever is unref'ed, and so would hold a finished script to the attempt's end.
   */
  callOff(): void {
    if (this.#inFlight.size === 0) return;
    this.failure ??= this.#options.destination.unanswered;
    for (const batch of this.#inFlight) this.#options.queue.putBack(batch);
    this.#inFlight.clear();
    this.#parts = [];
    this.#refusals.dissolve();
    this.#running = 0;
    this.#abort.abort();
    this.#abort = new AbortController();
    this.#waitUntil = Math.max(this.#waitUntil, now() + this.#options.limits.backoffBaseMs);
    this.pump();
  }

  /** Stops for good: attempts under way are called off. Returns what was being sent. */
  stop(): Batch[] {
    this.#closed = true;
    this.#cancelTimer?.();
    const abandoned = [...this.#inFlight];
    this.#inFlight.clear();
    for (const batch of abandoned) this.#options.queue.release(batch);
    this.#abort.abort();
    return abandoned;
  }

  #take(): Batch {
    const part = this.#parts.shift();
    if (part) return part;
    const [first, ...rest] = this.#refusals.cut(this.#options.queue.take()!);
    for (const one of rest) this.#inFlight.add(one);
    this.#parts.push(...rest);
    return first!;
  }

  async #attempt(batch: Batch): Promise<void> {
    const startedAt = now();
    const { signal } = this.#abort;
    this.#inFlight.add(batch);
    this.#running++;
    const outcome = await this.#send(batch, signal);
    // Called off meanwhile: the batch waits again, may even be on its way again, or has been given up.
    if (signal.aborted) return;
    this.#running--;
    this.#heed(batch, outcome, startedAt);
    this.#options.changed();
    this.pump();
  }

  #heed(batch: Batch, outcome: Outcome, startedAt: number): void {
    const holdMs = outcome.kind === 'rejected' ? this.#refusals.holdMs(outcome.failure, startedAt) : undefined;
    if (outcome.kind === 'retry') this.#postpone(batch, outcome, startedAt);
    else if (outcome.kind === 'accepted') {
      this.#conclude(batch, outcome, now() - startedAt);
      this.#follow(this.#refusals.accepted(batch));
    } else if (holdMs === undefined) this.#follow(this.#refusals.refused(batch, outcome.failure));
    else this.#postpone(batch, { kind: 'retry', failure: outcome.failure, retryAfterMs: holdMs }, startedAt);
  }

  #follow({ send, refused }: Step): void {
    for (const { batch, failure, isolated } of refused)
      this.#conclude(batch, { kind: 'rejected', failure }, 0, !isolated);
    for (const part of send) this.#inFlight.add(part);
    this.#parts.push(...send);
  }

  async #send(batch: Batch, signal: AbortSignal): Promise<Outcome> {
    try {
      return await this.#options.destination.send(batch.body, batch.spanCount, signal);
    } catch (error) {
      const code = 'internal';
      const what = `the exporter failed (${error instanceof Error ? error.name : typeof error})`;
      return { kind: 'rejected', failure: { code, what, fix: 'Please report this to keeptrace.' } };
    }
  }

  #conclude(batch: Batch, outcome: Exclude<Outcome, { kind: 'retry' }>, ms: number, whole = true): void {
    const { queue, ledger, on, done } = this.#options;
    this.#inFlight.delete(batch);
    queue.release(batch);
    this.#failures = 0;
    const refused = outcome.kind === 'rejected' ? batch.spanCount : outcome.rejected;
    const taken = batch.spanCount - refused;
    ledger.answered('accepted', taken, batch);
    ledger.answered('rejected', refused, batch);
    done(batch, outcome.kind === 'accepted');
    this.failure = outcome.kind === 'rejected' ? outcome.failure : undefined;
    if (taken > 0) on.accepted?.({ spans: taken, bytes: batch.size, ms });
    if (taken > 0 && batch.recovered) on.recovered?.({ spans: taken });
    if (outcome.failure && refused > 0) {
      on.rejected?.({ failure: outcome.failure, spans: refused, whole: whole && outcome.kind === 'rejected' });
    }
  }

  #split(batch: Batch, parts: Sealed[]): Batch[] {
    const { queue, split } = this.#options;
    this.#inFlight.delete(batch);
    queue.release(batch);
    const { entry: _ofTheWhole, ...rest } = batch;
    const batches: Batch[] = parts.map((part) => ({ ...rest, ...part }));
    for (const { size } of batches) queue.bytes += size;
    split(batch, batches);
    return batches;
  }

  #postpone(batch: Batch, { failure, retryAfterMs }: Extract<Outcome, { kind: 'retry' }>, startedAt: number): void {
    const { queue, limits, on } = this.#options;
    // Searching for bad spans does not outlive an outage: all parts wait like any other batch.
    for (const one of [batch, ...this.#parts.splice(0), ...this.#refusals.dissolve()]) {
      this.#inFlight.delete(one);
      queue.putBack(one);
    }
    this.failure = failure;
    // Two attempts that failed side by side are one failure: counting both would double the wait twice.
    if (this.#failures === 0) this.#failingSince = startedAt;
    if (startedAt >= this.#lastFailureAt) this.#failures++;
    this.#lastFailureAt = now();
    if (retryAfterMs !== undefined) this.askedToWaitUntil = now() + retryAfterMs;
    const step = backoffMs(this.#failures, limits, Math.random());
    const own = this.hurried > 0 ? Math.min(step, limits.hurryMs) : step;
    this.#waitUntil = Math.max(now() + own, this.askedToWaitUntil);
    on.retrying?.({ failure, waiting: this.#waiting(), retryInMs: this.#waitUntil - now() });
  }

  #waiting(): number {
    return this.#options.queue.spans + ownSpansOf(this.#inFlight);
  }

  #arm(ms: number): void {
    this.#cancelTimer?.();
    this.#cancelTimer = later(ms, () => this.pump());
  }
}
