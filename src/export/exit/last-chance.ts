// Owns the decision what a process that is ending still sends, and what the answers mean for the books.
import type { Ledger } from '../accounting.ts';
import { now } from '../clock.ts';
import type { Destination, Failure, Outcome } from '../destination/destination-contract.ts';
import type { PipelineEvents } from '../events.ts';
import type { Batch, BatchQueue } from '../queue.ts';
import type { Sender } from '../sender/sender.ts';
import { type ExitAnswer, type ExitJob, sendAtExit } from './exit-flush.ts';

export interface LastChanceParts {
  destination: Destination;
  queue: BatchQueue;
  sender: Sender;
  ledger: Ledger;
  on: PipelineEvents;
  /** Puts into the queue what is not yet sealed. */
  seal: () => void;
  /** Called for each batch that is done with. */
  done: (batch: Batch) => void;
  /** The disk gets what is not accepted, so that a refusal is for the next process to look into. */
  spooled: boolean;
}

const JUST_NOW_MS = 1_000;
/** Bytes on the wire that are taken along: what waits is packed, and unpacking all of it would take the time there is. */
const MOST_BYTES = 8 * 1024 * 1024;

/**
 * Sends what waits and what is under way from another thread, and blocks meanwhile. What is not taken waits again, in its
 * place. Ends the sender: use it at the `exit` event, and nowhere else.
 */
export function sendLast(parts: LastChanceParts, deadlineMs: number): void {
  const { destination, sender, queue, seal } = parts;
  const { remote } = destination;
  // A laptop without a collector, or a server that asked for peace: the answer is known.
  if (!remote || sender.aloneSince(now() - JUST_NOW_MS) || sender.askedToWaitUntil > now()) return;
  // Before sealing, which would make it begin: a host name that is being looked up holds the process for seconds.
  const underWay = sender.stop();
  seal();
  const batches = [...underWay, ...queue.clear()].toSorted(keptFirst);
  const jobs: ExitJob[] = [];
  const sent: Batch[] = [];
  let bytes = 0;
  for (const batch of batches) {
    const body = bytes < MOST_BYTES ? destination.wire?.(batch.body) : undefined;
    if (!body) {
      waitAgain(queue, batch);
      continue;
    }
    bytes += body.byteLength;
    jobs.push({ bytes: body, spanCount: batch.spanCount });
    sent.push(batch);
  }
  const startedAt = now();
  const { answers, reason } = sendAtExit(jobs, remote, deadlineMs);
  const ms = now() - startedAt;
  for (const [i, batch] of sent.entries()) conclude(parts, batch, outcomeOf(destination, answers[i], batch), ms);
  if (reason) sender.failure = noThread(reason);
  else if (ms >= deadlineMs) sender.failure ??= destination.unanswered;
}

function noThread(code: string): Failure {
  const fix =
    code === 'ERR_ACCESS_DENIED' ? 'Allow it with --allow-worker.' : 'Look into what keeps threads from starting.';
  return { code, what: `no thread could be started to send them (${code})`, fix };
}

function keptFirst(a: Batch, b: Batch): number {
  if (a.lane !== b.lane) return a.lane === 'kept' ? -1 : 1;
  // Infinity marks what came back from disk; it goes last.
  return a.seq === b.seq ? 0 : a.seq - b.seq;
}

function outcomeOf(destination: Destination, answer: ExitAnswer, batch: Batch): Outcome | undefined {
  return answer && destination.judge?.(answer, batch.spanCount);
}

function conclude(parts: LastChanceParts, batch: Batch, outcome: Outcome | undefined, ms: number): void {
  const { ledger, on, done, sender, queue, spooled } = parts;
  const final = outcome?.kind === 'accepted' || (outcome?.kind === 'rejected' && !spooled);
  if (!outcome || !final) {
    sender.failure = outcome && 'failure' in outcome ? outcome.failure : sender.failure;
    waitAgain(queue, batch);
    return;
  }
  const refused = outcome.kind === 'accepted' ? outcome.rejected : batch.spanCount;
  const taken = batch.spanCount - refused;
  ledger.answered('accepted', taken, batch);
  ledger.answered('rejected', refused, batch);
  done(batch);
  if (taken > 0) on.accepted?.({ spans: taken, bytes: batch.size, ms });
  if ('failure' in outcome && outcome.failure && refused > 0) {
    on.rejected?.({ failure: outcome.failure, spans: refused, whole: outcome.kind === 'rejected' });
  }
}

/** Not `push`, which would make room by dropping: it fitted in before. */
function waitAgain(queue: BatchQueue, batch: Batch): void {
  queue.bytes += batch.size;
  queue.putBack(batch);
}
