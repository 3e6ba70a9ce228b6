// Checks 16 and 31: what became of the spans that were kept.
import type { Finding } from '../../finding.ts';
import type { FailureFacts } from '../facts.ts';
import { type Check, countOf, error, warning } from './finding.ts';

const THROTTLING = new Set(['http_429', 'http_503']);
const TOO_LARGE = new Set(['http_413', 'http_413_span']);

export const throttled: Check = ({ threads }) =>
  threads
    .flatMap(({ failures }) => failures)
    .filter(({ code }) => THROTTLING.has(code))
    .slice(0, 1)
    .map(({ what, fix, times, retryInMs }): Finding => {
      const wait = retryInMs === undefined ? '' : `, the next try after ${(retryInMs / 1000).toFixed(1)} s`;
      return warning('THROTTLED', { what: `${what}, ${countOf(times, 'time')}${wait}.`, fix });
    });

export const payloadLimit: Check = ({ threads }) =>
  threads
    .flatMap(({ failures }) => failures)
    .filter(({ code }) => TOO_LARGE.has(code))
    .slice(0, 1)
    .map(({ what, fix, rejected }): Finding => {
      const lost = rejected > 0 ? `; ${countOf(rejected, 'span')} refused for good` : '';
      return warning('PAYLOAD_LIMIT', { what: `${what}${lost}.`, fix });
    });

const AT_EXIT = ['process_exit', 'crash', 'shutdown_deadline', 'after_shutdown'];

export const lostAtExit: Check = ({ threads, ended }) => {
  let spans = 0;
  let exitAt: string | undefined;
  for (const { exit } of threads) {
    // What a busy app does while the doctor stops it is not its fault, unless it cuts its own end short.
    if (ended.by === 'doctor' && exit?.exitAt === undefined) continue;
    const lost = AT_EXIT.reduce((sum, reason) => sum + (exit?.lost[reason] ?? 0), 0);
    spans += lost;
    if (lost > 0) exitAt ??= exit?.exitAt;
  }
  if (spans === 0) return [];
  const called = exitAt !== undefined;
  return [
    error('LOST_AT_EXIT', {
      what: `${countOf(spans, 'span')} ${spans === 1 ? 'was' : 'were'} lost: ${called ? 'process.exit() was called' : 'the process ended'} before they were sent.`,
      from: exitAt,
      fix: called
        ? 'await initTracing().flush() before process.exit(), or set process.exitCode and let the process end by itself'
        : 'KEEPTRACE_SHUTDOWN_TIMEOUT_MS=10000 gives more time; shutdown() belongs at the very end',
    }),
  ];
};

/** Failures that no other check speaks of. */
export const otherFailures = (failures: readonly FailureFacts[]): FailureFacts[] =>
  failures.filter(({ code }) => !THROTTLING.has(code) && !TOO_LARGE.has(code));
