// How what has piled up in an outage is sent once it is over: in large requests, one at a time, in a rhythm not much faster than
// the usual one. A fleet that comes back at once would otherwise bring its collector down again.
import { now } from '../clock.ts';
import { plainSize } from '../destination/packing.ts';
import type { ExportLimits } from '../limits.ts';
import type { Batch, BatchQueue } from '../queue.ts';

/** Requests in relation to the batches that are sealed. As they are larger, the queue shrinks many times as fast. */
const FASTER = 1.6;
/** Share of each interval, up and down, that is left to chance. */
const JITTER = 0.1;
/** Weight of the latest interval in the mean. */
const NEWEST = 0.2;

export class Pace {
  /** Set from the end of an outage until nothing waits any more. */
  draining = false;
  readonly #limits: Pick<ExportLimits, 'joinBytes' | 'requestBytes' | 'slowestDrainMs'>;
  readonly #batchSize: number;
  #joinBytes: number;
  /** Mean time between two batches as they were sealed. */
  #usualMs: number;
  /** Mean number of batches in a request, where no outage makes it large. */
  #usualBatches = 1;
  #newest: Batch | undefined;
  #nextAt = 0;

  constructor(limits: Pick<ExportLimits, 'joinBytes' | 'requestBytes' | 'slowestDrainMs'>, batchSize: number) {
    this.#limits = limits;
    this.#batchSize = batchSize;
    this.#joinBytes = limits.joinBytes;
    this.#usualMs = limits.slowestDrainMs;
  }

  /** Milliseconds until the next request may go. */
  get waitMs(): number {
    return this.draining ? this.#nextAt - now() : 0;
  }

  /** A request goes now. @param faster than usual; not at once where a fleet has just found its collector again */
  beat(faster = FASTER): void {
    const interval = Math.min(this.#usualMs * this.#usualBatches, this.#limits.slowestDrainMs) / faster;
    this.#nextAt = now() + interval * (1 - JITTER + 2 * JITTER * Math.random());
  }

  /** Learns the usual rhythm from the batches of a request. @param usual no outage has a part in how many there are */
  see(batches: Batch[], usual: boolean): void {
    for (const batch of batches) this.#see(batch);
    if (usual) this.#usualBatches += NEWEST * (batches.length - this.#usualBatches);
  }

  #see(batch: Batch): void {
    const last = this.#newest;
    // What comes from the disk has no place in the order.
    if (!Number.isFinite(batch.seq) || batch.seq <= (last?.seq ?? -1)) return;
    this.#newest = batch;
    if (!last) return;
    const ms = (batch.sealedAt - last.sealedAt) / (batch.seq - last.seq);
    this.#usualMs += NEWEST * (ms - this.#usualMs);
  }

  /** `first` and what else of the queue goes well into one request with it: a usual one, or a large one after an outage. */
  together(first: Batch, queue: BatchQueue): Batch[] {
    const batches = [first];
    const mostBytes = this.draining ? this.#joinBytes : Math.min(this.#limits.requestBytes, this.#joinBytes);
    const mostSpans = this.draining ? Number.POSITIVE_INFINITY : this.#batchSize;
    let bytes = bytesOf(first);
    let spans = first.spanCount;
    for (let next = queue.first; next; next = queue.first) {
      bytes += bytesOf(next);
      spans += next.spanCount;
      // A report goes alone: what is counted, refused or taken apart stays what the app made.
      if (bytes > mostBytes || spans > mostSpans || first.report || next.report) break;
      batches.push(queue.take()!);
    }
    return batches;
  }

  /** The collector finds a joint request too large. */
  tooLarge(batches: Batch[]): void {
    this.#joinBytes = Math.min(this.#joinBytes, batches.reduce((sum, batch) => sum + bytesOf(batch), 0) / 2);
  }
}

/** Only bytes can be joined. */
function bytesOf({ body }: Batch): number {
  return body.kind === 'bytes' ? plainSize(body.bytes) : Number.POSITIVE_INFINITY;
}
