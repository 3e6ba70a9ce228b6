// What an emitter process is told to do, and what it reports. Both are JSON.
import type { Mutation } from './mutations.ts';

/** `bare`: the classes of the official SDK and a processor that does nothing. */
export type Sdk = 'keeptrace' | 'official' | 'bare' | 'none';

export type Work =
  /** Ends `rate` spans a second for `seconds`, every 1/`errors` of them with an error. */
  | { kind: 'steady'; rate: number; seconds: number; errors?: number }
  /** Ends that many in one tick. */
  | { kind: 'burst'; spans: number; errors?: number }
  /** A burst in which these spans hold values that cannot be encoded. */
  | { kind: 'poison'; spans: number; cases: readonly string[] }
  /** Spans whose attributes hold long texts. */
  | { kind: 'heavy'; spans: number; bytes: number };

export type End =
  /** Waits until nothing is queued, at most `settleS` seconds, then `shutdown()` and the natural end. */
  | { kind: 'shutdown'; settleS: number }
  /** `shutdown()` at once. */
  | { kind: 'natural' | 'exit' | 'throw' | 'reject' }
  /** Stays alive until it is ended from outside. The app's own listener, if any: */
  | { kind: 'alive'; handler?: Handler };

export type Handler = 'drain-exit' | 'exit3' | 'drain-once' | 'drain-on' | 'drain-prepended' | 'drain-async';

/** A fault within the emitter's own process. */
export type Inside =
  | { kind: 'clock'; afterS: number; byMs: number }
  | { kind: 'timers' }
  | { kind: 'workers-die'; everyMs: number }
  | { kind: 'serializer'; every: number }
  | { kind: 'dns'; badForS: number }
  /** No file can be opened and no connection made for a while. */
  | { kind: 'descriptors'; forMs: number };

export interface Plan {
  sdk: Sdk;
  /** A file of the folder from which the packages are resolved: the installed one, or this repository. */
  from: string;
  /**
   * Takes keeptrace from this repository's sources, with all waits so much shorter and with these bounds. There is no
   * setting for that on purpose, so the packed package cannot be tested so.
   */
  source?: { timeScale: number; limits?: Record<string, number>; edits?: Mutation['edits'] };
  /** Goes before the names of spans, where several emitters share a collector. */
  tag?: string;
  work: Work;
  end: End;
  inside?: Inside;
  reportFile: string;
  /** Eight bytes that hold the number of spans that ended, for processes that are killed. */
  countFile?: string;
}

export interface ExportStats {
  ended: number;
  accepted: number;
  rejected: number;
  dropped: Record<string, number>;
  queued: number;
  spooled?: number;
  recovered?: { accepted: number; rejected: number; dropped: number };
}

export interface Report {
  /** What moment it is from: `settled`, `shutdown`, `exit` or `signal`. */
  when: string;
  ended: number;
  endedErrors: number;
  /** Milliseconds to load and start tracing. */
  initMs: number;
  /** Of ours only. */
  stats?: ExportStats;
  /** Milliseconds since `ready`, spans ended, RSS in bytes. */
  series: [ms: number, ended: number, rss: number][];
  /** Bytes before a burst or the like. */
  baseRss?: number;
  cpuMs: number;
  /** Event loop delay in milliseconds. */
  eld: { p50: number; p99: number; max: number };
  /** The longest the work held the loop, in milliseconds. */
  tickMs: number;
  shutdown?: { ms: number; result?: { flushed: number; spooled: number; dropped: number } };
  /** Open when it was ready, and now. */
  descriptors: [before: number, now: number];
  /** Errors that reached the app from a call of the API. */
  thrown: number;
  /** Connections attempted, as `host:port`. */
  connects: string[];
  /** Most that were open at a time. A collector that reads nothing does not see them close. */
  sockets: number;
}
