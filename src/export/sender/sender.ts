// Moves batches from the queue to one destination: how many at a time, when to wait, when to give up on age.
import type { DropReason, Ledger } from '../accounting.ts';
import { type Cancel, later, now } from '../clock.ts';
import type { Destination, Failure, Outcome, Sealed } from '../destination/destination-contract.ts';
import type { PipelineEvents } from '../events.ts';
import type { ExportLimits } from '../limits.ts';
import { type Batch, type BatchQueue, spansOf } from '../queue.ts';
import { bookAnswer, type FinalAnswer } from './book-answer.ts';
import { Pace } from './pace.ts';
import { Refusals, type Step } from './refusals.ts';
import { backoffMs, nobodyThere, spreadMs } from './retry.ts';

export interface SenderOptions {
  destination: Destination;
  /** Most spans of a request, except of those that make up for an outage. */
  batchSize: number;
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
  readonly refusals: Refusals;

  readonly #options: SenderOptions;
  /** Taken from the queue: being sent, about to be, or refused and about to be halved. */
  readonly #inFlight = new Set<Batch>();
  /** Of those being sent: what the destination has said yes to, though its answer has not ended yet. */
  readonly #taken = new WeakSet<Batch>();
  readonly #pace: Pace;
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
    this.refusals = new Refusals({ ...options, onSplit: (batch, parts) => this.#split(batch, parts) });
    const { limits, destination, batchSize } = options;
    this.#pace = new Pace({ ...limits, joinBytes: destination.joinBytes ?? limits.joinBytes }, batchSize);
  }

  /**
   * Nobody listens, on this machine: a laptop without a collector must not take seconds to stop. A second is given to one
   * that is being restarted; elsewhere a refusal may be a rollout, and is worth the whole deadline.
   *
   * @param since monotonic ms; what was refused before may be welcome now
   */
  aloneSince(since: number): boolean {
    const { destination, limits } = this.#options;
    const refused = this.#failures > 0 && this.#lastFailureAt >= since && nobodyThere.has(this.failure?.code ?? '');
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
      const wait = Math.max(this.#waitUntil - now(), this.#paced ? this.#pace.waitMs : 0);
      if (wait > 0) {
        this.#cancelTimer?.();
        this.#cancelTimer = later(wait, () => this.pump());
        return;
      }
      this.#pace.beat();
      void this.#attempt(this.#take());
    }
    if (!queue.first) this.#pace.draining = false;
  }

  /** Neither somebody who waits nor the search for a bad span is held up. */
  get #paced(): boolean {
    return this.hurried === 0 && this.#parts.length === 0;
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
    this.#concludeTaken();
    if (this.#inFlight.size > 0) this.failure ??= this.#options.destination.unanswered;
    for (const batch of this.#inFlight) this.#options.queue.putBack(batch);
    this.#inFlight.clear();
    this.#parts = [];
    this.refusals.dissolve();
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
    this.#concludeTaken();
    this.refusals.dissolve();
    const abandoned = [...this.#inFlight];
    this.#inFlight.clear();
    for (const batch of abandoned) this.#options.queue.release(batch);
    this.#abort.abort();
    return abandoned;
  }

  /** What the rest of such an answer might say is not waited for any more. */
  #concludeTaken(): void {
    for (const batch of this.#inFlight) if (this.#taken.has(batch)) this.#accept([batch], { rejected: 0 }, 0);
  }

  /** What the next request is made of. */
  #take(): Batch[] {
    const part = this.#parts.shift();
    if (part) return [part];
    const { queue, destination } = this.#options;
    const taken = queue.take()!;
    const [first, ...rest] = this.refusals.cut(taken);
    for (const one of rest) this.#inFlight.add(one);
    this.#parts.push(...rest);
    const { draining } = this.#pace;
    const joins = rest.length === 0 && destination.sendTogether && (draining || (destination.joins && !this.failure));
    const batches = joins ? this.#pace.together(first!, queue) : [first!];
    this.#pace.see(joins ? batches : [taken], Boolean(joins) && !draining);
    return batches;
  }

  async #attempt(batches: Batch[]): Promise<void> {
    const startedAt = now();
    const { signal } = this.#abort;
    for (const batch of batches) this.#inFlight.add(batch);
    this.#running++;
    const outcome = await this.#send(batches, signal);
    // Called off meanwhile: the batches wait again, may even be on their way again, or have been given up.
    if (signal.aborted) return;
    this.#running--;
    this.#heed(batches, outcome, startedAt);
    this.#options.changed();
    this.pump();
  }

  #heed(batches: Batch[], outcome: Outcome, startedAt: number): void {
    if (outcome.kind === 'retry') this.#postpone(batches, outcome, startedAt);
    else if (outcome.kind === 'accepted') this.#accept(batches, outcome, now() - startedAt);
    else {
      const { failure } = outcome;
      const retryAfterMs = this.refusals.holdMs(failure, startedAt);
      if (retryAfterMs !== undefined) this.#postpone(batches, { kind: 'retry', failure, retryAfterMs }, startedAt);
      else if (batches.length === 1) this.#follow(this.refusals.refused(batches[0]!, failure));
      else {
        // Whoever is meant, the others shall not suffer for it.
        if (failure.code === 'http_413') this.#pace.tooLarge(batches);
        this.#parts.push(...batches);
      }
    }
  }

  #accept(batches: Batch[], { rejected, failure }: { rejected: number; failure?: Failure }, ms: number): void {
    let left = rejected;
    for (const batch of batches) {
      const share = Math.min(left, batch.spanCount);
      left -= share;
      this.#conclude({ batch, outcome: { kind: 'accepted', rejected: share, ...(failure && { failure }) }, ms });
      this.#follow(this.refusals.accepted(batch));
    }
  }

  #follow({ send, refused }: Step): void {
    for (const { batch, failure, isolated } of refused)
      this.#conclude({ batch, outcome: { kind: 'rejected', failure }, ms: 0, isolated });
    for (const part of send) this.#inFlight.add(part);
    this.#parts.push(...send);
  }

  async #send(batches: Batch[], signal: AbortSignal): Promise<Outcome> {
    const { destination } = this.#options;
    const taken = () => batches.map((batch) => this.#taken.add(batch));
    try {
      const [{ body, spanCount }, ...more] = batches as [Batch, ...Batch[]];
      if (more.length === 0) return await destination.send(body, spanCount, signal, taken);
      const bodies = batches.map((batch) => batch.body);
      const spans = more.reduce((sum, batch) => sum + batch.spanCount, spanCount);
      return await destination.sendTogether!(bodies, spans, signal, taken);
    } catch (error) {
      const code = 'internal';
      const what = `the exporter failed (${error instanceof Error ? error.name : typeof error})`;
      return { kind: 'rejected', failure: { code, what, fix: 'Please report this to keeptrace.' } };
    }
  }

  #conclude(answer: FinalAnswer): void {
    const { batch, outcome } = answer;
    this.#inFlight.delete(batch);
    if (this.#failures > 0) this.#recover();
    this.#options.done(batch, outcome.kind === 'accepted');
    this.failure = outcome.kind === 'rejected' ? outcome.failure : undefined;
    bookAnswer(this.#options, answer);
  }

  #recover(): void {
    this.#failures = 0;
    this.#pace.draining = true;
    this.#pace.beat(1);
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

  #postpone(batches: Batch[], { failure, retryAfterMs }: Extract<Outcome, { kind: 'retry' }>, startedAt: number): void {
    const { queue, limits, on } = this.#options;
    // Searching for bad spans does not outlive an outage: all parts wait like any other batch.
    for (const one of [...batches, ...this.#parts.splice(0), ...this.refusals.dissolve()]) {
      this.#inFlight.delete(one);
      queue.putBack(one);
    }
    this.failure = failure;
    this.#pace.draining = false;
    // Two attempts that failed side by side are one failure: counting both would double the wait twice.
    if (this.#failures === 0) this.#failingSince = startedAt;
    if (startedAt >= this.#lastFailureAt) this.#failures++;
    this.#lastFailureAt = now();
    if (retryAfterMs !== undefined) this.askedToWaitUntil = now() + spreadMs(retryAfterMs, limits, Math.random());
    const step = backoffMs(this.#failures, failure.code, limits, Math.random());
    const own = this.hurried > 0 ? Math.min(step, limits.hurryMs) : step;
    this.#waitUntil = Math.max(now() + own, this.askedToWaitUntil);
    on.retrying?.({ failure, waiting: this.#waiting(), retryInMs: this.#waitUntil - now() });
  }

  #waiting(): number {
    const { queue, ledger } = this.#options;
    return queue.allSpans + spansOf(this.#inFlight) + ledger.spooled;
  }
}
