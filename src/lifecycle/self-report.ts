// Says on stderr what tracing does: what is on, the first batch, each kind of failure once a minute. Never floods, and
// never keeps a loss to itself.
import { countOf, durationOf, formatLine } from './line.ts';
import { lateReason, lossReasons } from './loss-reasons.ts';
import { type StartSummary, startSentence } from './start-sentence.ts';
import { writeStderr } from './write-stderr.ts';

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

/** Why a destination did not take something, in words. */
export interface FailureWords {
  code: string;
  what: string;
  fix: string;
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
  dropped(event: { reason: string; spans: number; failure?: FailureWords | undefined; late?: true }): void;
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

/** One kind of loss. */
interface Loss {
  saidAt: number;
  /** Lost since then. */
  unsaid: number;
  words: LossWords;
}

interface LossWords {
  why?: string;
  /** Left out if it has just been said. */
  failure?: FailureWords | undefined;
  fix?: string | undefined;
}

export function createSelfReport(options: SelfReportOptions = {}): SelfReport {
  const { logLevel = 'warn', lifeLines = true, shutdownTimeoutMs = 5_000 } = options;
  const { write = writeStderr, now = monotonicNow } = options;
  const errors = logLevel !== 'none';
  const warnings = errors && logLevel !== 'error';
  const losses = new Map<string, Loss>();
  const retrySaidAt = new Map<string, number>();
  let lastCause = { what: '', saidAt: Number.NEGATIVE_INFINITY };
  const unsendable = new Set<string>();
  let throttled = 0;
  let throttledSaidAt = Number.NEGATIVE_INFINITY;
  const diagnosticSaidAt = new Map<string, number>();
  let firstAccepted = false;
  let outage: { since: number; lost: number; said: boolean } | undefined;

  const say = (text: string): void => {
    try {
      write(formatLine(text));
    } catch {
      // Whatever is wrong with the log, it is not the app's problem.
    }
  };

  /** Returns whether it has been said now. */
  function lose(kind: string, spans: number, words: LossWords): boolean {
    if (outage) outage.lost += spans;
    const key = keyIn(losses, kind);
    const loss = losses.get(key) ?? { saidAt: Number.NEGATIVE_INFINITY, unsaid: 0, words };
    losses.set(key, loss);
    loss.unsaid += spans;
    loss.words = words;
    if (now() - loss.saidAt < REPEAT_MS) return false;
    sayLoss(loss);
    return true;
  }

  function sayLoss(loss: Loss): void {
    const noun = loss.saidAt > Number.NEGATIVE_INFINITY ? 'more span' : 'span';
    if (errors) say(`lost ${countOf(loss.unsaid, noun)}: ${tell(loss.words)}`);
    loss.saidAt = now();
    loss.unsaid = 0;
  }

  function tell({ why, failure, fix }: LossWords): string {
    const fresh = failure && !(why && failure.what === lastCause.what && now() - lastCause.saidAt < REPEAT_MS);
    if (fresh) lastCause = { what: failure.what, saidAt: now() };
    const clauses = [why, fresh && failure.what].filter(Boolean).join('; ');
    return [`${clauses}.`, fresh && failure.fix, fix].filter(Boolean).join(' ');
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
      say(
        `more errors and slow requests than the budget allows: ${countOf(throttled, 'trace')} left to the head sampler so far, evenly picked and with exact weights. KEEPTRACE_KEEP_BUDGET (traces a second) raises the budget, off lifts it.`,
      );
      throttledSaidAt = now();
    },
    diagnostic: (message) => {
      if (now() - (diagnosticSaidAt.get(message) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
      if (diagnosticSaidAt.size >= MOST_DIAGNOSTICS) diagnosticSaidAt.clear();
      diagnosticSaidAt.set(message, now());
      say(message);
    },
    refused: (reason) => {
      if (errors) {
        say(`tracing stays off, the OpenTelemetry API is taken: ${reason}. Remove it, or load keeptrace first.`);
      }
      return undefined;
    },
    unsendable: (field) => {
      if (!warnings || unsendable.has(field) || unsendable.size > 50) return;
      unsendable.add(field);
      say(`the header ${field} is left out of requests: its value holds characters that HTTP does not allow`);
    },
    accepted: ({ spans, ms }) => {
      if (!firstAccepted && lifeLines && warnings) {
        say(`first batch accepted, ${countOf(spans, 'span')} in ${Math.max(1, Math.round(ms))} ms`);
      }
      firstAccepted = true;
      if (!outage) return;
      const { since, lost, said } = outage;
      outage = undefined;
      if (said && lifeLines && warnings) {
        say(
          `accepting again after ${durationOf(now() - since)}, ${countOf(lost, 'span').replace(/ spans?$/, '')} lost`,
        );
      }
    },
    retrying: ({ failure, waiting }) => {
      const again = outage !== undefined;
      outage ??= { since: now(), lost: 0, said: false };
      const key = keyIn(retrySaidAt, failure.code);
      if (!warnings || now() - (retrySaidAt.get(key) ?? Number.NEGATIVE_INFINITY) < REPEAT_MS) return;
      retrySaidAt.set(key, now());
      lastCause = { what: failure.what, saidAt: now() };
      const state = again ? `still not sending after ${durationOf(now() - outage.since)}` : 'not sending';
      say(`${state}: ${failure.what}; ${countOf(waiting, 'span')} kept for later, ${outage.lost} lost. ${failure.fix}`);
      outage.said = true;
    },
    rejected: ({ failure, spans, whole }) => {
      if (whole) outage ??= { since: now(), lost: 0, said: false };
      const said = lose(`rejected ${failure.code}`, spans, { failure });
      if (outage && whole && said) outage.said = true;
    },
    dropped: ({ reason, spans, failure, late }) => {
      const { why, fix } = lossReasons[reason] ?? { why: reason };
      if (late) lose(reason, spans, { failure, ...lateReason(shutdownTimeoutMs) });
      else lose(reason, spans, fix === undefined ? { why, failure } : { why, fix });
    },
    ended: () => {
      for (const loss of losses.values()) if (loss.unsaid > 0) sayLoss(loss);
    },
  };
}

/** The key under which `kind` is remembered. */
function keyIn(map: ReadonlyMap<string, unknown>, kind: string): string {
  return map.has(kind) || map.size < MOST_CAUSES ? kind : 'others';
}
