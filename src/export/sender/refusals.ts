// What becomes of a batch that the destination refuses: it is held, searched for bad spans, or given up. Owns what has been
// learned on the way: how large a request may be, whether the key is good, whether searching is worth it.
import { now } from '../clock.ts';
import type { Destination, Failure, Sealed } from '../destination/destination-contract.ts';
import { isolatedFailure } from '../destination/failure-causes.ts';
import { plainSize } from '../destination/packing.ts';
import type { ExportLimits } from '../limits.ts';
import type { Batch } from '../queue.ts';
import { type Refused, Trial } from './trial.ts';

/** Keyed by `Failure.code`; all others are final. */
const kinds: Readonly<Record<string, 'content' | 'size' | 'credentials'>> = {
  http_400: 'content',
  http_413: 'size',
  http_401: 'credentials',
  http_403: 'credentials',
};

/** Batches in a row of which no part was taken, before searching rests. */
const HOPELESS_IN_A_ROW = 3;
/** A limit may be raised: this long after it was learned a larger request is tried again. */
const FORGET_SIZE_MS = 3_600_000;

export interface Step {
  /** To be sent before all else. */
  send: Batch[];
  /** Refused for good. `isolated`: the spans around these were taken. */
  refused: (Refused & { isolated: boolean })[];
}

export interface RefusalsOptions {
  destination: Pick<Destination, 'split'>;
  limits: Pick<ExportLimits, 'holdMs' | 'searchRestMs'>;
  /** Makes batches of the halves of one, which is no more. */
  onSplit: (batch: Batch, parts: Sealed[]) => Batch[];
}

export class Refusals {
  readonly #options: RefusalsOptions;
  /** By the halves on their way. */
  readonly #trials = new Map<Batch, Trial>();
  #hopelessInARow = 0;
  /** All in monotonic ms. */
  #searchAgainAt = 0;
  #heldSince: number | undefined;
  #forgetSizeAt = 0;
  #tooLarge = Number.POSITIVE_INFINITY;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  /**
   * Milliseconds to hold everything because the credentials were refused; undefined when that is no reason to wait (any
   * more). A key that is being rotated is good again within the minute; one that is refused after it is wrong.
   */
  holdMs({ code }: Failure, startedAt: number): number | undefined {
    if (kinds[code] !== 'credentials') return undefined;
    if (this.#heldSince !== undefined && startedAt > this.#heldSince) return undefined;
    this.#heldSince ??= now();
    return Math.max(0, this.#heldSince + this.#options.limits.holdMs - now());
  }

  accepted(batch: Batch): Step {
    this.#hopelessInARow = 0;
    this.#heldSince = undefined;
    const trial = this.#take(batch);
    if (!trial) return { send: [], refused: [] };
    trial.accepted = true;
    if (trial.tooLarge < this.#tooLarge) {
      this.#tooLarge = trial.tooLarge;
      this.#forgetSizeAt = now() + FORGET_SIZE_MS;
    }
    return this.#next(trial);
  }

  refused(batch: Batch, failure: Failure): Step {
    const kind = kinds[failure.code];
    let trial = this.#take(batch);
    const searched = kind === 'content' || kind === 'size';
    if (!trial) {
      if (!searched || now() < this.#searchAgainAt) return { send: [], refused: [{ batch, failure, isolated: false }] };
      trial = new Trial(batch.spanCount);
    }
    if (kind === 'size') trial.tooLarge = Math.min(trial.tooLarge, sizeOf(batch));
    trial.refused.push({ batch, failure });
    return this.#next(trial);
  }

  /** The batch itself, or the parts it has to be sent in because the whole is known to be too large. */
  cut(batch: Batch): Batch[] {
    if (sizeOf(batch) < this.#tooLarge || now() > this.#forgetSizeAt) return [batch];
    return this.#halve(batch)?.flatMap((half) => this.cut(half)) ?? [batch];
  }

  /** Ends all searches, for an outage has begun: returns what they were to look into. */
  dissolve(): Batch[] {
    const trials = new Set(this.#trials.values());
    this.#trials.clear();
    return [...trials].flatMap(({ refused }) => refused.splice(0).map(({ batch }) => batch));
  }

  #take(batch: Batch): Trial | undefined {
    const trial = this.#trials.get(batch);
    if (trial) trial.pending--;
    this.#trials.delete(batch);
    return trial;
  }

  #next(trial: Trial): Step {
    const step: Step = { send: [], refused: [] };
    if (trial.pending > 0) return step;
    const giveUp = ({ batch, failure }: Refused) =>
      step.refused.push(
        trial.accepted
          ? { batch, failure: isolatedFailure(failure), isolated: true }
          : { batch, failure, isolated: false },
      );
    if (trial.hopeless) for (const refused of trial.refused.splice(0)) giveUp(refused);
    for (let last = trial.refused.pop(); last; last = trial.refused.pop()) {
      const halves = this.#halve(last.batch);
      if (!halves) giveUp(last);
      else {
        for (const half of halves) this.#trials.set(half, trial);
        trial.sent(halves.length);
        return { ...step, send: halves };
      }
    }
    if (!trial.accepted && ++this.#hopelessInARow >= HOPELESS_IN_A_ROW) {
      this.#hopelessInARow = 0;
      this.#searchAgainAt = now() + this.#options.limits.searchRestMs;
    }
    return step;
  }

  #halve(batch: Batch): Batch[] | undefined {
    const halves = this.#options.destination.split?.(batch);
    const spans = halves?.reduce((sum, { spanCount }) => sum + spanCount, 0);
    // A count that is off would be a hole in the books.
    return halves && spans === batch.spanCount ? this.#options.onSplit(batch, halves) : undefined;
  }
}

function sizeOf({ body, size }: Sealed): number {
  return body.kind === 'bytes' ? plainSize(body.bytes) : size;
}
