// F1–F5, F8–F11, F13, F14: a collector that is away or behaves badly, and comes back.
import { median } from '../../bench/report.mjs';
import { testCertificates } from './certificates.ts';
import { emit, type Job } from './emit.ts';
import type { Fault, Step } from './fault-kinds.ts';
import { atMost, attemptsInWindow, type Check, gate, losesNothing, recoveryMs, rssGrowth } from './gates.ts';
import type { Row, Variant } from './row.ts';

const ok: Fault = { kind: 'ok' };
const down: Fault = { kind: 'down' };
const MB = 2 ** 20;

/** Fault from the 5th second to the `until`th, then all is well. */
const between = (fault: Fault, until = 35): Step[] => [
  { at: 5, fault },
  { at: until, fault: ok },
];
const steady = (seconds: number, rate = 250): Job['work'] => ({ kind: 'steady', rate, seconds, errors: 0.05 });
const settle = (settleS: number): Job['end'] => ({ kind: 'shutdown', settleS });

/** 250 spans a second for 40 s, of which the fault has 30. */
const thirty = (fault: Fault): Job => ({ steps: between(fault), work: steady(40), end: settle(45) });

const unavailable = (status: number, more: object = {}): Fault => ({ kind: 'status', status, ...more });
const retryAfter = (seconds: number, form: 'seconds' | 'date' = 'seconds') => ({ retryAfter: { seconds, form } });
const rss = (mb: number, short = mb + 40): Check =>
  atMost('RSS above the same load without the fault', ' MB', rssGrowth, mb, short);
const requests = (most: number): Check => atMost('attempts during the fault', '', attemptsInWindow, most);
/** What was on its way when the answer was lost may come twice. */
const duplicates = (most: number): Check => atMost('duplicates', '', (measured) => measured.duplicates, most);
/** `limit` in seconds of the full profile. */
const recovers =
  (limit: number, slackShort = 2): Check =>
  (measured, { profile }) => {
    const most = limit * measured.timeScale + (profile === 'short' ? slackShort : 0);
    const seconds = recoveryMs(measured) / 1_000;
    return gate(`recovered ${seconds.toFixed(1)} s after the return ≤ ${most} s`, seconds <= most);
  };
const sockets: Check = atMost('sockets at a time', '', ({ report }) => report?.sockets ?? Number.POSITIVE_INFINITY, 2);

/** Attempts that got no answer end at `OTEL_EXPORTER_OTLP_TIMEOUT`, 10 s. */
const abortedInTime: Check = (measured, { profile }) => {
  const { collector, timeScale } = measured;
  const until = collector.steps[1] ?? Number.POSITIVE_INFINITY;
  const ms = collector.attempts
    .filter(({ at, endedAt, fault }) => fault !== 'ok' && endedAt !== undefined && endedAt < until && at < until)
    .map(({ at, endedAt = 0 }) => endedAt - at);
  const most = 10_500 * timeScale + (profile === 'short' ? 400 : 0);
  const longest = Math.max(...ms);
  return gate(
    `${ms.length} attempts ended after ${Math.round(Math.min(...ms))} to ${Math.round(longest)} ms ≤ ${most} ms`,
    ms.length > 0 && longest <= most,
  );
};

const fourA = (name: string, fault: Fault): Variant => ({
  name,
  job: { steps: between(fault, 65), work: steady(80), end: settle(80) },
  checks: [losesNothing, requests(2)],
});
const fiveA = (name: string, value: string): Variant => ({
  name,
  job: thirty(unavailable(503, { headers: { 'retry-after': value } })),
  checks: [losesNothing, requests(35)],
});
const silent = (name: string, fault: Fault): Variant => ({
  name,
  job: thirty(fault),
  checks: [losesNothing, sockets, abortedInTime],
});
const cut = (name: string, fault: Fault, most: number): Variant => ({
  name,
  job: thirty(fault),
  checks: [losesNothing, duplicates(most)],
});
const shutsDown: Check = (measured, { profile }) => {
  const most = 5_200 * measured.timeScale + (profile === 'short' ? 800 : 0);
  const ms = measured.report?.shutdown?.ms ?? Number.POSITIVE_INFINITY;
  return gate(`shutdown() resolved after ${Math.round(ms)} ms ≤ ${most} ms`, ms <= most);
};
const shutdownTime = (name: string, fault: Fault): Variant => ({
  name,
  job: ({ timeScale }) => ({
    steps: [{ at: 5, fault }],
    work: steady(10),
    end: settle(0),
    env: { KEEPTRACE_SHUTDOWN_TIMEOUT_MS: String(5_000 * timeScale) },
    cutMs: 40_000,
  }),
  checks: [shutsDown],
});

export const outageRows: Row[] = [
  {
    id: 'F1',
    goal: 'down 60 s at 250/s: 0 lost, RSS ≤ base + 15 MB, recovered ≤ 10 s after the return',
    variants: [
      {
        name: 'down for 60 s',
        seconds: 130,
        control: true,
        job: { steps: between(down, 65), work: steady(100), end: settle(30) },
        checks: [losesNothing, rss(15), recovers(10)],
      },
    ],
  },
  {
    id: 'F2',
    goal: 'down 120 s at 1,000/s: 0 lost, RSS ≤ base + 40 MB',
    variants: [
      {
        name: 'down for 120 s at 1,000/s',
        seconds: 190,
        control: true,
        job: { steps: between(down, 125), work: steady(130, 1_000), end: settle(60) },
        checks: [losesNothing, rss(40)],
      },
    ],
  },
  {
    id: 'F3',
    goal: 'down 30 s at start: 0 lost, startup delay ≤ 5 ms',
    variants: [
      {
        name: 'down for 30 s from the start',
        job: { start: down, steps: [{ at: 30, fault: ok }], work: steady(40), end: settle(45) },
        checks: [losesNothing],
      },
      {
        name: 'start, the collector down or up',
        quiet: true,
        fullOnly: true,
        seconds: 15,
        run: async (setting) => {
          const job: Job = { work: { kind: 'burst', spans: 1 }, end: { kind: 'natural' } };
          const took: Record<'down' | 'up', number[]> = { down: [], up: [] };
          for (let n = 0; n < 9; n++) {
            for (const state of ['down', 'up'] as const) {
              const { report } = await emit(setting, { ...job, ...(state === 'down' && { start: down }) });
              took[state].push(report?.initMs ?? Number.POSITIVE_INFINITY);
            }
          }
          const later = median(took.down) - median(took.up);
          return [gate(`start takes ${later.toFixed(1)} ms longer while it is down ≤ 5 ms (medians of 9)`, later <= 5)];
        },
      },
    ],
  },
  {
    id: 'F4',
    goal: '503/429 with Retry-After 60: 0 lost, ≤ 2 requests within the window',
    variants: [
      fourA('503, Retry-After: 60', unavailable(503, retryAfter(60))),
      fourA('429, Retry-After: 60', unavailable(429, retryAfter(60))),
      fourA('503, Retry-After with a date in 60 s', unavailable(503, retryAfter(60, 'date'))),
    ],
  },
  {
    id: 'F5',
    goal: 'Retry-After of 0, garbage, negative, 1e9: 0 lost, ≤ 35 requests in 30 s, a wait of ≤ 300 s',
    variants: [
      fiveA('503, Retry-After: 0', '0'),
      fiveA('503, Retry-After: garbage', 'a while'),
      fiveA('503, Retry-After: -5', '-5'),
      {
        name: '503, Retry-After: 1000000000',
        seconds: 330,
        job: {
          steps: between(unavailable(503, { headers: { 'retry-after': '1000000000' } }), 10),
          work: steady(20, 50),
          end: settle(330),
        },
        checks: [losesNothing, recovers(301)],
      },
      { name: '503 without Retry-After', job: thirty(unavailable(503)), checks: [losesNothing, requests(35)] },
    ],
  },
  {
    id: 'F8',
    goal: 'never answers, never reads: 0 lost, ≤ 2 sockets, attempts end at 10.0 ± 0.5 s',
    variants: [silent('accepts, never answers', { kind: 'hang' }), silent('accepts, never reads', { kind: 'deaf' })],
  },
  {
    id: 'F9',
    goal: 'answers that drip: attempts settle by their deadline, shutdown(5 s) resolves ≤ 5.2 s',
    variants: [
      silent('status line drips', { kind: 'dripping-head', everyMs: 500 }),
      { name: 'body drips', job: thirty({ kind: 'dripping-body', everyMs: 500 }), checks: [losesNothing] },
      shutdownTime('shutdown while the status line drips', { kind: 'dripping-head', everyMs: 500 }),
      shutdownTime('shutdown while the body drips', { kind: 'dripping-body', everyMs: 500 }),
      shutdownTime('shutdown while it hangs', { kind: 'hang' }),
    ],
  },
  {
    id: 'F10',
    goal: 'reset, half-close, truncated answer: 0 lost, duplicates ≤ what was on its way',
    variants: [
      cut('reset after the request', { kind: 'reset' }, 0),
      cut('reset within the request', { kind: 'reset-early' }, 0),
      cut('half-close instead of an answer', { kind: 'fin' }, 0),
      cut('truncated answer', { kind: 'truncated' }, 2 * 256),
      // Every attempt of the window is taken and repeated: as many as back-off allows, 256 spans each.
      cut('taken, and the answer lost', { kind: 'reset', took: true }, 35 * 256),
    ],
  },
  {
    id: 'F11',
    goal: '100 MB of error body, gzip bombs: RSS ≤ base + 5 MB',
    variants: [
      {
        name: '503 with a body of 100 MB',
        control: true,
        job: thirty({ kind: 'big-body', status: 503, bytes: 100 * MB }),
        checks: [losesNothing, rss(5)],
      },
      {
        name: '503 with a gzip bomb of 1 GB',
        control: true,
        job: thirty({ kind: 'big-body', status: 503, bytes: 1_024 * MB, bomb: true }),
        checks: [losesNothing, rss(5)],
      },
      {
        name: '500 with a body of 3 MB',
        control: true,
        job: thirty({ kind: 'big-body', status: 500, bytes: 3 * MB }),
        checks: [rss(5)],
      },
      {
        name: '200 with a compressed answer',
        job: thirty({ kind: 'gzip-answer' }),
        checks: [losesNothing, duplicates(0)],
      },
    ],
  },
  {
    id: 'F13',
    goal: 'bad certificate, then a good one; name not resolved, then resolved: 0 lost',
    variants: [
      {
        name: 'certificate of a stranger for 30 s',
        job: () => ({
          tls: true,
          steps: [
            { at: 5, fault: ok, certificate: 'foreign' },
            { at: 35, fault: ok, certificate: 'trusted' },
          ],
          work: steady(40),
          end: settle(45),
          env: { OTEL_EXPORTER_OTLP_CERTIFICATE: testCertificates().file },
        }),
        checks: [losesNothing],
      },
      {
        name: 'name not resolved for 30 s',
        job: { host: 'collector.test', inside: { kind: 'dns', badForS: 30 }, work: steady(40), end: settle(45) },
        checks: [losesNothing],
      },
    ],
  },
  {
    id: 'F14',
    goal: '100,000 spans in one tick: 0 lost, RSS ≤ +40 MB, loop delay ≤ 50 ms afterwards',
    variants: [
      {
        name: '100,000 spans in one tick',
        quiet: true,
        job: { work: { kind: 'burst', spans: 100_000, errors: 0.05 }, end: settle(60), unscaled: true },
        checks: [
          losesNothing,
          rss(40, 400),
          atMost('loop delay after the tick', ' ms', ({ report }) => report?.eld.max ?? 0, 50, 1_000),
        ],
      },
    ],
  },
];
