// Owns the shape of the handle that initTracing returns, and the one place in the process where it is kept.
import type { Settings } from './config/settings.ts';
import type { ExportStats, FlushResult } from './export/pipeline.ts';
import type { SamplingStats } from './sampling/sampling-stats.ts';

/** The books of both stages: of traces up to the decision, of spans from there on. */
export type TracingStats = ExportStats & { sampling: SamplingStats };

/** What `initTracing` returns. Nothing here throws or rejects, whatever state tracing is in. */
export interface Tracing {
  /** False when tracing is off: switched off, refused, or set up wrongly. The reason was said on stderr. */
  readonly active: boolean;
  /** Every effective setting, frozen; undefined when tracing never got as far as reading them. */
  readonly settings: Readonly<Settings> | undefined;
  /** Sends what is waiting. Resolves when it is sent, or after `shutdownTimeoutMs`. */
  flush(): Promise<FlushResult>;
  /** Sends what is waiting and stops. Resolves by `shutdownTimeoutMs`, with what became of the spans (R9). */
  shutdown(): Promise<FlushResult>;
  /**
   * Counts since the start. At any time, in traces: `triggered = exported + throttled + evicted + exportFailed`; and in
   * spans, from the decision on: `ended = accepted + rejected + dropped + queued + spooled`.
   */
  stats(): TracingStats;
}

/** A global symbol, because an app can hold two copies of this module: one from `import` and one from `require`. */
const key = Symbol.for('keeptrace.tracing');
const holder = globalThis as { [key]?: Tracing };

export function runningTracing(): Tracing | undefined {
  return holder[key];
}

export function setRunningTracing(tracing: Tracing): Tracing {
  holder[key] = tracing;
  return tracing;
}
