// What happens to batches, for programs that want to know: the diagnostics channel `keeptrace:export`.
import { channel } from 'node:diagnostics_channel';
import type { DropReason } from '../accounting.ts';
import type { PipelineEvents } from '../events.ts';

export const EXPORT_CHANNEL = 'keeptrace:export';

/** Why an attempt failed: a stable code, what happened and what to do about it. Holds no secret. */
export interface ExportFailure {
  code: string;
  what: string;
  fix: string;
}

/** A message of the channel `keeptrace:export`. Counts are spans, times milliseconds. */
export type ExportMessage =
  /** The destination has a batch of `bytes`, after an attempt of `ms`. */
  | { type: 'accepted'; spans: number; bytes: number; ms: number }
  /** It did not take one; the next attempt is in `retryInMs`. */
  | { type: 'retrying'; failure: ExportFailure; waiting: number; retryInMs: number }
  /** It refused spans for good: a `whole` batch, or a part of one that it took. */
  | { type: 'rejected'; failure: ExportFailure; spans: number; whole: boolean }
  /** Spans were given up here; `recovered` ones came from an earlier process. */
  | { type: 'dropped'; reason: DropReason; spans: number; failure?: ExportFailure | undefined; recovered?: true }
  /** The destination has spans that an earlier process had left on disk. */
  | { type: 'recovered'; spans: number };

/** Publishes what `on` is told. Without a subscriber that costs one look. */
export function withChannel(on: PipelineEvents): PipelineEvents {
  const exports = channel(EXPORT_CHANNEL);
  const publish = (message: ExportMessage) => exports.publish(message);
  return {
    ...on,
    accepted(event) {
      if (exports.hasSubscribers) publish({ type: 'accepted', ...event });
      on.accepted?.(event);
    },
    retrying(event) {
      if (exports.hasSubscribers) publish({ type: 'retrying', ...event });
      on.retrying?.(event);
    },
    rejected(event) {
      if (exports.hasSubscribers) publish({ type: 'rejected', ...event });
      on.rejected?.(event);
    },
    dropped(event) {
      const { late: _, ...rest } = event;
      if (exports.hasSubscribers) publish({ type: 'dropped', ...rest });
      on.dropped?.(event);
    },
    recovered(event) {
      if (exports.hasSubscribers) publish({ type: 'recovered', ...event });
      on.recovered?.(event);
    },
  };
}
