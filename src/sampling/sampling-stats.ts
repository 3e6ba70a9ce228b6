// Owns the books of the sampling stage, in traces.
import type { KeepReason } from './fragment.ts';
import type { RequestCounts } from './request-counts.ts';

/** Counts since the start. `triggered = exported + throttled + evicted + exportFailed` at any time. */
export interface SamplingStats {
  /** Traces with a reason of this process to keep them: error, slow, manual. */
  triggered: number;
  /** Of those, handed to the exporter; from there on the export counts go on, in spans. */
  exported: number;
  /** Of those, over the budget: left to the head's decision. */
  throttled: number;
  /** Of those, nothing was left to export when the trigger came, for want of room or time, and nothing has come since. */
  evicted: number;
  /** Of those, the exporter threw. */
  exportFailed: number;
  /** Traces kept, by reason. */
  kept: Partial<Record<KeepReason, number>>;
  /** Traces that the head did not choose and nothing forced. */
  dropped: number;
  /** Traces decided early for want of room, or because they had gone on beyond `spansPerTrace`; whatever the decision. */
  decidedEarly: number;
  /** What is held right now; `bytes` is an estimate. */
  held: { traces: number; spans: number; bytes: number };
  /** How long ended, undecided traces stay within reach, in milliseconds: `retentionMs`, or less when memory is short. */
  retentionEffectiveMs: number;
  /** By span name of the entry, before sampling. */
  requests: Record<string, RequestCounts>;
}

/** The books of a sampling stage in which nothing has happened. */
export function noSampling(): SamplingStats {
  return {
    triggered: 0,
    exported: 0,
    throttled: 0,
    evicted: 0,
    exportFailed: 0,
    kept: {},
    dropped: 0,
    decidedEarly: 0,
    held: { traces: 0, spans: 0, bytes: 0 },
    retentionEffectiveMs: 0,
    requests: {},
  };
}
