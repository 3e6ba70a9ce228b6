// Flush, shutdown and the sudden ends of a process: who waits how long, and what becomes of that which was not sent.
import type { DropReason, FlushResult, Ledger } from './accounting.ts';
import type { Background } from './background.ts';
import { now, ticksAreFaked } from './clock.ts';
import type { Destination } from './destination/destination-contract.ts';
import type { PipelineEvents } from './events.ts';
import { sendLast } from './exit/last-chance.ts';
import { FlushWaiters } from './flush-waiters.ts';
import type { Intake } from './intake.ts';
import type { PendingSpans } from './pending-spans.ts';
import type { BatchQueue } from './queue.ts';
import type { Sender } from './sender/sender.ts';
import type { Spooling } from './spool/spooling.ts';

export interface EndingsParts {
  destination: Destination;
  ledger: Ledger;
  pending: PendingSpans;
  intake: Intake;
  queue: BatchQueue;
  sender: Sender;
  spooling: Spooling;
  background: Background;
  on: Required<PipelineEvents>;
}

/** Timers of the same length, set one after the other, may fire in either order. */
const TIMER_SLACK_MS = 10;
const SHUTDOWN_ROUNDS = 3;
/** How long a flush that was too short speaks for what comes after it. */
const FRESH_MS = 1_000;

export class Endings {
  readonly #parts: EndingsParts;
  readonly #waiters = new FlushWaiters();
  /** Both monotonic ms. The deadline is that of the flush under way, or of the last one that reached it. */
  #flushStartedAt = 0;
  #flushDeadline = Number.POSITIVE_INFINITY;

  constructor(parts: EndingsParts) {
    this.#parts = parts;
  }

  /** Whoever waits for what is done with, or hopeless, waits no more. */
  settle(): void {
    const { sender, queue } = this.#parts;
    let oldest = queue.oldestSeq;
    for (const { seq } of sender.inFlight) oldest = Math.min(oldest, seq);
    // Someone who may wait 5 s gains nothing from a server that wants to be left alone for 60.
    const idleUntil = sender.aloneSince(this.#flushStartedAt) ? Number.POSITIVE_INFINITY : sender.askedToWaitUntil;
    this.#waiters.settle(oldest, sender.inFlight.size === 0 ? idleUntil : 0);
  }

  async flush(timeoutMs: number, last = false): Promise<FlushResult> {
    const { ledger, pending, intake, sender, background } = this.#parts;
    this.#flushStartedAt = now();
    const deadline = this.#flushStartedAt + timeoutMs;
    this.#flushDeadline = deadline;
    const before = ledger.totals();
    sender.hurried++;
    await pending.sealAll(timeoutMs);
    if (last) intake.tellLosses(true);
    background(() => sender.hurry());
    await this.#waiters.wait(intake.sequence - 1, deadline, () => this.settle());
    sender.hurried--;
    if (now() < deadline - TIMER_SLACK_MS) this.#flushDeadline = Number.POSITIVE_INFINITY;
    return ledger.since(before);
  }

  async shutdown(timeoutMs: number): Promise<FlushResult> {
    const { ledger, destination, pending } = this.#parts;
    const startedAt = now();
    const before = ledger.totals();
    const left = () => timeoutMs - (now() - startedAt);
    await this.flush(timeoutMs, true);
    // What ended meanwhile; a process that goes on working until its end would go on for ever.
    for (let round = 1; round < SHUTDOWN_ROUNDS && pending.length > 0 && left() > 0; round++) await this.flush(left());
    this.abandon('shutdown_deadline');
    const result = ledger.since(before);
    await destination.close(Math.max(0, left()));
    return result;
  }

  lastChance(deadlineMs: number): void {
    // A flush has just used all of its time in vain: half a second more would be the same.
    const past = now() - this.#flushDeadline;
    if (past > -TIMER_SLACK_MS && past < FRESH_MS && !ticksAreFaked()) return;
    const { pending, spooling } = this.#parts;
    const seal = () => pending.sealNow();
    sendLast({ ...this.#parts, seal, done: (batch) => spooling.done(batch), spooled: spooling.open }, deadlineMs);
  }

  abandon(reason: DropReason): number {
    const { destination, ledger, pending, intake, queue, sender, spooling, on } = this.#parts;
    // Blaming the destination is just only if it had all the time there was.
    const late = reason === 'shutdown_deadline' && now() >= this.#flushDeadline - TIMER_SLACK_MS;
    if (late && sender.inFlight.size > 0) sender.failure ??= destination.unanswered;
    const before = ledger.totals();
    const unanswered = sender.stop();
    if (spooling.open) pending.sealNow();
    intake.shed(reason, [...unanswered, ...queue.clear()], late);
    intake.drop(reason, pending.clear(), late);
    spooling.close();
    on.ended();
    this.settle();
    return ledger.since(before).dropped;
  }
}
