// Says on stderr what tracing does: what is on, the first batch, each kind of failure once a minute. Never floods, and
// never keeps a loss to itself.
import { countOf, durationOf, formatLine } from './line.ts';
import { LineBudget, rank } from './line-budget.ts';
import { type FailureWords, LossLines } from './loss-lines.ts';
import { lateReason, leftBehind, lossReasons } from './loss-reasons.ts';
import { type StartSummary, startSentence } from './start-sentence.ts';
import { writeStderr } from './write-stderr.ts';

export type { FailureWords } from './loss-lines.ts';

export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug' | 'verbose' | 'all';

export interface SelfReportOptions {
  /** `none` silences everything; `error` leaves only lost spans and errors in the settings. Default `warn`. */
  logLevel?: LogLevel;
  /** Start, first batch and recovery are said. Default true. */
  lifeLines?: boolean;
  /** Milliseconds the process has to send what is left, for the line that says it was not enough. Default 5,000. */
  shutdownTimeoutMs?: number;
  write?: (line: string) => void;
  /** Monotonic milliseconds. */
  now?: () => number;
}

export interface SelfReport {
  started(summary: StartSummary): void;
  /** Those without a severity are warnings. */
  problems(problems: readonly { severity?: 'error' | 'warning'; message: string }[]): void;
  /** A trace with an error or a slow request was over `keepBudget` and is left to the head's decision. */
  throttled(): void;
  /** A message of OpenTelemetry's own packages, already filtered by level. The same one is said once a minute. */
  diagnostic(message: string): void;
  /** Tracing stays off for `reason`. */
  refused(reason: string): undefined;
  /** A header of this name could not be sent with a request. */
  unsendable(field: string): void;
  accepted(event: { spans: number; ms: number }): void;
  retrying(event: { failure: FailureWords; waiting: number }): void;
  rejected(event: { failure: FailureWords; spans: number; whole: boolean }): void;
  dropped(event: {
    reason: string;
    spans: number;
    failure?: FailureWords | undefined;
    late?: true;
    recovered?: true;
  }): void;
  /** The destination has spans that an earlier process had left on disk. */
  recovered(event: { spans: number }): void;
  /** The disk does not do its work. A clause with its remedy. */
  problem(message: string): void;
  /** Says what the limit of one line a minute has kept back. */
  ended(): void;
}

/** Bound when loaded, so that an app's fake timers do not stop it. */
const monotonicNow = performance.now.bind(performance);
const REPEAT_MS = 60_000;
/** Messages can hold names of modules, so their number has a bound. */
const MOST_DIAGNOSTICS = 200;
/** A foreign exporter makes up its own error codes. Losses beyond that number of kinds are added up as one. */
const MOST_CAUSES = 50;

/** Batches of earlier processes that come one after the other are told as one. */
const RECOVERED_MS = 5_000;

export function createSelfReport(options: SelfReportOptions = {}): SelfReport {
  const { logLevel = 'warn', lifeLines = true, shutdownTimeoutMs = 5_000 } = options;
  const { write = writeStderr, now = monotonicNow } = options;
  const errors = logLevel !== 'none';
  const warnings = errors && logLevel !== 'error';
  const verbose = warnings && logLevel !== 'warn';
  const budget = new LineBudget(now);
  let recoveredTimer: NodeJS.Timeout | undefined;
  const losses = new LossLines({ say: sayLoss, now, repeatMs: REPEAT_MS, mostKinds: MOST_CAUSES });
  const retrySaidAt = new Map<string, number>();
  const unsendable = new Set<string>();
  let throttled = 0;
  let throttledSaidAt = Number.NEGATIVE_INFINITY;
  const saidAt = new Map<string, number>();
  let firstAccepted = false;
  let outage: { since: number; lost: number; said: boolean } | undefined;
  let left = { spans: 0, at: 0 };

  /** Returns whether there was room for it. */
  function say(text: string, most: number = Number.POSITIVE_INFINITY): boolean {
    const line = formatLine(text);
    if (most < Number.POSITIVE_INFINITY && !budget.allows(Buffer.byteLength(line), most)) return false;
    try {
      write(line);
    } catch {
      // Whatever is wrong with the log, it is not the app's problem.
    }
    return true;
  }

  function sayLoss(text: string, most: number): boolean {
    return !errors || say(text, most);
  }

  /** The same one once a minute. */
  function sayOnce(message: string, most?: number): void {
    if (now() - (saidAt.get(message) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
    if (saidAt.size >= MOST_DIAGNOSTICS) saidAt.clear();
    if (say(message, most)) saidAt.set(message, now());
  }

  function lose(kind: string, spans: number, words: Parameters<LossLines['lose']>[2]): boolean {
    if (outage) outage.lost += spans;
    const said = losses.lose(kind, spans, words);
    catchUp();
    return said;
  }

  /** Says what has waited for its minute, or for its end. */
  function catchUp(): void {
    losses.catchUp();
    if (left.spans > 0 && now() - left.at >= RECOVERED_MS) sayRecovered();
  }

  function sayRecovered(): void {
    clearTimeout(recoveredTimer);
    recoveredTimer = undefined;
    const { spans } = left;
    if (spans === 0) return;
    if (lifeLines && warnings && !say(`sent ${countOf(spans, 'span')} that an earlier process had left`, rank.news)) {
      return;
    }
    left = { spans: 0, at: 0 };
  }

  return {
    started: (summary) => {
      if (lifeLines && warnings) say(startSentence(summary));
    },
    problems: (problems) => {
      for (const { severity, message } of problems) if (severity === 'error' ? errors : warnings) say(message);
    },
    throttled: () => {
      throttled++;
      if (!warnings || now() - throttledSaidAt < REPEAT_MS) return;
      const said = say(
        `more errors and slow requests than the budget allows: ${countOf(throttled, 'trace')} left to the head sampler so far, evenly picked and with exact weights. KEEPTRACE_KEEP_BUDGET (traces a second) raises the budget, off lifts it.`,
        rank.news,
      );
      if (said) throttledSaidAt = now();
    },
    // Whoever asks for more than warnings gets it all.
    diagnostic: (message) => sayOnce(message, verbose ? undefined : rank.news),
    refused: (reason) => {
      if (errors) {
        say(`tracing stays off, the OpenTelemetry API is taken: ${reason}. Remove it, or load keeptrace first.`);
      }
      return undefined;
    },
    unsendable: (field) => {
      if (!warnings || unsendable.has(field) || unsendable.size > 50) return;
      const words = `the header ${field} is left out of requests: its value holds characters that HTTP does not allow`;
      if (say(words, rank.news)) unsendable.add(field);
    },
    accepted: ({ spans, ms }) => {
      catchUp();
      if (!firstAccepted && lifeLines && warnings) {
        say(`first batch accepted, ${countOf(spans, 'span')} in ${Math.max(1, Math.round(ms))} ms`);
      }
      firstAccepted = true;
      if (!outage) return;
      const { since, lost, said } = outage;
      outage = undefined;
      if (said && lifeLines && warnings) {
        const count = countOf(lost, 'span').replace(/ spans?$/, '');
        say(`accepting again after ${durationOf(now() - since)}, ${count} lost`, rank.loss);
      }
    },
    retrying: ({ failure, waiting }) => {
      catchUp();
      const again = outage !== undefined;
      outage ??= { since: now(), lost: 0, said: false };
      const key = keyIn(retrySaidAt, failure.code);
      if (!warnings || now() - (retrySaidAt.get(key) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
      const state = again ? `still not sending after ${durationOf(now() - outage.since)}` : 'not sending';
      const counts = `${countOf(waiting, 'span')} kept for later, ${outage.lost} lost`;
      if (!say(`${state}: ${failure.what}; ${counts}. ${failure.fix}`, rank.news)) return;
      retrySaidAt.set(key, now());
      losses.told(failure);
      outage.said = true;
    },
    rejected: ({ failure, spans, whole }) => {
      if (whole) outage ??= { since: now(), lost: 0, said: false };
      const said = lose(`rejected ${failure.code}`, spans, { failure });
      if (outage && whole && said) outage.said = true;
    },
    dropped: ({ reason, spans, failure, late, recovered }) => {
      const { why, fix, causeToo } = lossReasons[reason] ?? { why: reason };
      if (recovered)
        lose(`left ${reason}`, spans, { why: leftBehind(why), ...(fix === undefined ? { failure } : { fix }) });
      else if (late) lose(reason, spans, { failure, ...lateReason(shutdownTimeoutMs, failure?.code) });
      else lose(reason, spans, { why, fix, ...((causeToo || fix === undefined) && { failure }) });
    },
    recovered: ({ spans }) => {
      left = { spans: left.spans + spans, at: now() };
      // An idle service has no next event to say it with.
      recoveredTimer ??= setTimeout(sayRecovered, RECOVERED_MS).unref();
    },
    problem: (message) => {
      if (warnings) sayOnce(message, rank.news);
    },
    ended: () => {
      sayRecovered();
      losses.end();
    },
  };
}

/** The key under which `kind` is remembered. */
function keyIn(map: ReadonlyMap<string, unknown>, kind: string): string {
  return map.has(kind) || map.size < MOST_CAUSES ? kind : 'others';
}
