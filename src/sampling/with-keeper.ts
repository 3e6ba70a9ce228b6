// Owns what the ends of a process mean for undecided traces: a flush decides what is over, an end decides everything.
import type { Keeper } from './keeper.ts';

interface Pipeline<Result, Reason> {
  flush(timeoutMs: number): Promise<Result>;
  shutdown(timeoutMs: number): Promise<Result>;
  kick(): void;
  lastChance(deadlineMs: number): void;
  abandon(reason: Reason): number;
  stats(): { ended: number; queued: number };
}

export function withKeeper<Result, Reason, Way extends Pipeline<Result, Reason>>(
  pipeline: Way & Pipeline<Result, Reason>,
  keeper: Pick<Keeper, 'flush' | 'drain' | 'close' | 'stats'>,
): Way & { flushFinished(timeoutMs: number): Promise<Result> } {
  return {
    ...pipeline,
    /** For an app that goes on: requests under way stay whole, and are decided when they are over. */
    flushFinished: (timeoutMs: number) => {
      keeper.flush();
      return pipeline.flush(timeoutMs);
    },
    /** For a process that may be at its end. */
    flush: (timeoutMs: number) => {
      keeper.flush(true);
      return pipeline.flush(timeoutMs);
    },
    shutdown: (timeoutMs: number) => {
      keeper.close();
      return pipeline.shutdown(timeoutMs);
    },
    /** Time and again while the app drains. Whatever end that comes to decides the rest. */
    kick: () => {
      keeper.drain();
      pipeline.kick();
    },
    lastChance: (deadlineMs: number) => {
      keeper.close();
      pipeline.lastChance(deadlineMs);
    },
    // What was kept and not yet handed over counts as lost with the rest, and is said.
    abandon: (reason: Reason) => {
      keeper.close();
      return pipeline.abandon(reason);
    },
    // What waits for a decision waits to be sent, too, as far as the end of a process is concerned.
    stats: () => {
      const stats = pipeline.stats();
      return { ...stats, queued: stats.queued + keeper.stats().held.spans };
    },
  };
}
