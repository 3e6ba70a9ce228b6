// Books what became of a batch, and tells it: the same whether a request was answered in time or at the exit.
import type { Ledger } from '../accounting.ts';
import type { Outcome } from '../destination/destination-contract.ts';
import type { PipelineEvents } from '../events.ts';
import type { Batch, BatchQueue } from '../queue.ts';

export interface Books {
  queue: BatchQueue;
  ledger: Ledger;
  on: PipelineEvents;
}

/** What was said to a batch for good. */
export interface FinalAnswer {
  batch: Batch;
  outcome: Exclude<Outcome, { kind: 'retry' }>;
  /** Duration of the attempt, in milliseconds. */
  ms: number;
  /** It is one of the spans that a search found, and not a batch that was refused as it stood. */
  isolated?: boolean;
}

export function bookAnswer({ queue, ledger, on }: Books, { batch, outcome, ms, isolated = false }: FinalAnswer): void {
  const refused = outcome.kind === 'rejected' ? batch.spanCount : outcome.rejected;
  const taken = batch.spanCount - refused;
  queue.release(batch);
  ledger.answered('accepted', taken, batch);
  ledger.answered('rejected', refused, batch);
  if (taken > 0) on.accepted?.({ spans: taken, bytes: batch.size, ms });
  if (taken > 0 && batch.recovered) on.recovered?.({ spans: taken });
  if (outcome.failure && refused > 0) {
    on.rejected?.({ failure: outcome.failure, spans: refused, whole: !isolated && outcome.kind === 'rejected' });
  }
}
