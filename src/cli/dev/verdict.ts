// Owns the sentence on each trace: would production keep it, and why. Pure.
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import { randomnessOf, thresholdOf } from '../../sampling/threshold.ts';
import type { Verdict } from './contract.ts';
import { serviceOf } from './span-facts.ts';
import { durationOf, limitText, timeText } from './times.ts';

export interface Policy {
  /** Of the normal traffic kept in production, 0…1. */
  ratio: number;
  /** Requests that take at least so long are slow. */
  slowMs: number;
}

export interface Evidence {
  traceId: string;
  spans: Iterable<ReceivedSpan>;
  /** The span with which the errors of the trace began. */
  failed: ReceivedSpan | undefined;
  /** The slowest request over the limit. */
  slow: ReceivedSpan | undefined;
}

/** What the application wrote itself counts first, the most telling reason of its parts before the others. */
const WRITTEN = ['error', 'slow', 'manual', 'deadline', 'error_late', 'response', 'bus'] as const;

export function verdictOf({ traceId, spans: all, failed, slow }: Evidence, { ratio, slowMs }: Policy): Verdict {
  const spans = [...all];
  const keeps = (reason: string, why: string): Verdict => ({ kept: true, reason, text: `production keeps it: ${why}` });
  const error = () => keeps('error', failed === undefined ? 'an error' : `an error in ${serviceOf(failed)}`);
  const slowness = () =>
    keeps('slow', slow ? `slow, ${timeText(durationOf(slow))} > ${limitText(slowMs)}` : 'slow by its own limit');

  const written = writtenReasons(spans);
  for (const reason of WRITTEN) {
    if (!written.has(reason)) continue;
    if (reason === 'error') return error();
    if (reason === 'slow') return slowness();
    if (reason === 'manual') return keeps(reason, manualText(spans));
    return keeps(reason, SENTENCES[reason]);
  }
  if (failed !== undefined) return error();
  if (slow !== undefined) return slowness();
  const share = `${percent(ratio)} of the normal traffic`;
  return randomnessOf(traceId, randomValue(spans)) >= thresholdOf(ratio).value
    ? keeps('head', `among the ${share}`)
    : { kept: false, reason: 'dropped', text: `production would drop it: ${share} is kept` };
}

const SENTENCES = {
  deadline: 'it still ran when its entry turned slow',
  error_late: 'an error after it was dropped',
  response: 'a service that it called kept it',
  bus: 'another process kept it',
};

function writtenReasons(spans: ReceivedSpan[]): Set<unknown> {
  const reasons = new Set<unknown>();
  for (const { attributes } of spans) {
    const reason = attributes['keeptrace.reason'];
    if (reason !== undefined) reasons.add(reason);
  }
  return reasons;
}

function manualText(spans: ReceivedSpan[]): string {
  const words = spans.map((span) => span.attributes['keeptrace.manual']).find((word) => typeof word === 'string');
  return words === undefined ? 'keepTrace() was called' : `keepTrace(${JSON.stringify(String(words).slice(0, 100))})`;
}

/** The explicit randomness that a caller put into the tracestate, which then stands for the trace id. */
function randomValue(spans: ReceivedSpan[]): string | undefined {
  for (const { traceState } of spans) {
    const found = traceState === '' ? undefined : /(?:^|,)\s*ot=[^,]*?\brv:([0-9a-f]{14})\b/.exec(traceState)?.[1];
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `10 %`, `0.5 %`. */
const percent = (ratio: number) => `${Number((ratio * 100).toPrecision(3))} %`;
