// Flushes and ends the user's own span processors with ours, under one deadline, which theirs cannot stretch.
import { within } from './deadline.ts';

interface Flushable {
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}

interface Pipeline<Result> {
  flush(timeoutMs: number): Promise<Result>;
  shutdown(timeoutMs: number): Promise<Result>;
  stats(): { queued: number };
}

export function withProcessors<Result, Way extends Pipeline<Result>>(
  pipeline: Way & Pipeline<Result>,
  processors: readonly Flushable[],
): Way {
  if (processors.length === 0) return pipeline;
  const all = async (timeoutMs: number, end: (one: Flushable) => Promise<void>): Promise<void> => {
    // An async function turns what is thrown at once into a rejection, too.
    const ends = processors.map(async (one) => end(one));
    await within(timeoutMs, Promise.allSettled(ends));
  };
  return {
    ...pipeline,
    // Each of them may hold spans, and none can be asked; so the end of a script is worth a flush.
    stats: () => {
      const stats = pipeline.stats();
      return { ...stats, queued: stats.queued + processors.length };
    },
    flush: async (timeoutMs: number) => {
      const [result] = await Promise.all([pipeline.flush(timeoutMs), all(timeoutMs, (one) => one.forceFlush())]);
      return result;
    },
    shutdown: async (timeoutMs: number) => {
      const [result] = await Promise.all([pipeline.shutdown(timeoutMs), all(timeoutMs, (one) => one.shutdown())]);
      return result;
    },
  };
}
