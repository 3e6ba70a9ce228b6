// Owns the decision what a process that is ending still sends, and what the answers mean for the books.
import type { Ledger } from '../accounting.ts';
import { now } from '../clock.ts';
import type { Destination, Failure, Outcome } from '../destination/destination-contract.ts';
import type { PipelineEvents } from '../events.ts';
import type { Batch, BatchQueue } from '../queue.ts';
import { bookAnswer, type FinalAnswer } from '../sender/book-answer.ts';
import type { Step } from '../sender/refusals.ts';
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
  const waiting = [...underWay, ...queue.clear()].toSorted(keptFirst);
  // Still in memory, like all that the sender has taken.
  for (const { size } of waiting) queue.bytes += size;
  const sent: Batch[] = [];
  let room = MOST_BYTES;
  const jobFor = (batch: Batch): ExitJob[] => {
    const bytes = room > 0 ? destination.wire?.(batch.body) : undefined;
    if (!bytes) {
      queue.putBack(batch);
      return [];
    }
    room -= bytes.byteLength;
    sent.push(batch);
    return [{ bytes, spanCount: batch.spanCount }];
  };
  const jobs = waiting.flatMap((batch) => (room > 0 ? sender.refusals.cut(batch) : [batch]).flatMap(jobFor));
  // From here on there are only parts of what was sent already.
  room = Number.POSITIVE_INFINITY;
  let judged = 0;
  const startedAt = now();
  const judge = (answers: readonly ExitAnswer[]): ExitJob[] => {
    const next: Batch[] = [];
    let goesOn = true;
    for (; judged < sent.length; judged++) {
      const batch = sent[judged]!;
      const outcome = outcomeOf(destination, answers[judged], batch);
      if (!outcome || outcome.kind === 'retry') goesOn = false;
      next.push(...heed(parts, batch, outcome, now() - startedAt));
    }
    if (goesOn) return next.flatMap(jobFor);
    for (const batch of next) queue.putBack(batch);
    return [];
  };
  const { answers, reason } = sendAtExit(jobs, remote, deadlineMs, judge);
  judge(answers);
  for (const batch of sender.refusals.dissolve()) queue.putBack(batch);
  if (reason) sender.failure = noThread(reason);
  else if (now() - startedAt >= deadlineMs) sender.failure ??= destination.unanswered;
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

/** Returns what is to be sent next for it. What is neither taken nor refused for good waits again. */
function heed(parts: LastChanceParts, batch: Batch, outcome: Outcome | undefined, ms: number): Batch[] {
  const { sender, queue, spooled } = parts;
  if (outcome?.kind === 'accepted') {
    conclude(parts, { batch, outcome, ms });
    return follow(parts, sender.refusals.accepted(batch));
  }
  if (outcome?.kind === 'rejected' && !spooled) {
    const step = sender.refusals.refused(batch, outcome.failure);
    // In case there is no time for them.
    if (step.send.length > 0) sender.failure = outcome.failure;
    return follow(parts, step);
  }
  sender.failure = outcome?.failure ?? sender.failure;
  queue.putBack(batch);
  return [];
}

function follow(parts: LastChanceParts, { send, refused }: Step): Batch[] {
  for (const { batch, failure, isolated } of refused)
    conclude(parts, { batch, outcome: { kind: 'rejected', failure }, ms: 0, isolated });
  return send;
}

function conclude(parts: LastChanceParts, answer: FinalAnswer): void {
  parts.done(answer.batch);
  bookAnswer(parts, answer);
}
