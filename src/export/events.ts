// What the pipeline tells the outside: enough to never be silent, nothing that slows a span.
import type { DropReason } from './accounting.ts';
import type { Failure } from './destination/destination-contract.ts';

export interface PipelineEvents {
  /** A batch was acknowledged. `ms` is the duration of the attempt. */
  accepted?(event: { spans: number; bytes: number; ms: number }): void;
  /** An attempt failed and will be repeated. `waiting` spans are queued. */
  retrying?(event: { failure: Failure; waiting: number; retryInMs: number }): void;
  /** The destination refused spans for good: a `whole` batch, or a part of one that it took. */
  rejected?(event: { failure: Failure; spans: number; whole: boolean }): void;
  /**
   * Spans were given up here. `failure` is the last thing that kept the destination from taking them; `late` is set when
   * all the time that a flush had was used; `recovered` when an earlier process had left them on disk.
   */
  dropped?(event: {
    reason: DropReason;
    spans: number;
    failure?: Failure | undefined;
    late?: true;
    recovered?: true;
  }): void;
  /** The destination has spans that an earlier process had left on disk. */
  recovered?(event: { spans: number }): void;
  /** The disk takes or gives nothing any more. A clause with its remedy, without a secret. */
  problem?(message: string): void;
  /** Nothing more will come: time to say what has not been said. May be called more than once. */
  ended?(): void;
}

/** A listener that throws must neither reach the app nor stop the sender. */
export function guarded(on: PipelineEvents): Required<PipelineEvents> {
  const quietly = (tell: () => void) => {
    try {
      tell();
    } catch {
      // It is the listener's fault, and there is nobody to tell.
    }
  };
  return {
    accepted: (event) => quietly(() => on.accepted?.(event)),
    retrying: (event) => quietly(() => on.retrying?.(event)),
    rejected: (event) => quietly(() => on.rejected?.(event)),
    dropped: (event) => quietly(() => on.dropped?.(event)),
    recovered: (event) => quietly(() => on.recovered?.(event)),
    problem: (message) => quietly(() => on.problem?.(message)),
    ended: () => quietly(() => on.ended?.()),
  };
}
