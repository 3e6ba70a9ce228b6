// F6, F7 and what belongs to them: answers that are final for some spans, and those that may change.
import type { Job } from './emit.ts';
import type { Fault } from './fault-kinds.ts';
import { atMost, attemptsInWindow, type Check, gate, loses, losesNothing } from './gates.ts';
import type { Row, Variant } from './row.ts';

const ok: Fault = { kind: 'ok' };
const steady: Job['work'] = { kind: 'steady', rate: 250, seconds: 20, errors: 0.05 };
const settle: Job['end'] = { kind: 'shutdown', settleS: 45 };
const always = (fault: Fault): Job => ({ start: fault, work: steady, end: settle });
/** Some that end within the first tenths of a second of either profile, and do not share a batch. */
const BAD = ['s40', 's101', 'e179'];

const rejects =
  (spans: number): Check =>
  ({ report }) =>
    gate(`${report?.stats?.rejected} rejected, ${spans} expected`, report?.stats?.rejected === spans);

/** Each search costs at most 2 · log2(n) + 2 requests; 9 halvings take 256 spans apart. */
const searchCost: Check = ({ collector }) => {
  const refused = collector.attempts.filter(({ status }) => status === 400).length;
  const most = BAD.length * (2 * 8 + 2);
  return gate(`${refused} requests refused while ${BAD.length} bad spans were searched ≤ ${most}`, refused <= most);
};

const refusedLarge: Check = ({ collector }) => {
  const large = collector.attempts.filter(({ status }) => status === 413).length;
  const all = collector.attempts.length;
  return gate(
    `413 for ${large} of ${all} requests: the limit is remembered`,
    large > 0 && large <= Math.max(6, all / 4),
  );
};

/** A key that is being rotated: refused from the 5th to the 35th second. */
const rotated = (status: number): Variant => ({
  name: `${status} for 30 s, then the key is right`,
  seconds: 130,
  job: {
    steps: [
      { at: 5, fault: { kind: 'status', status } },
      { at: 35, fault: ok },
    ],
    work: { ...steady, seconds: 40 },
    end: { kind: 'shutdown', settleS: 90 },
  },
  checks: [losesNothing, atMost('attempts during the fault', '', attemptsInWindow, 4)],
});

const allCounted: Check = ({ report, acked, ended }) => {
  const rejected = report?.stats?.rejected ?? 0;
  return gate(`${rejected} counted as rejected, ${ended - acked} refused`, rejected > 0 && rejected === ended - acked);
};

const noRetries: Check = ({ collector, duplicates }) => {
  const spans = collector.attempts.reduce((total, attempt) => total + attempt.spans, 0);
  const sent = [...collector.requests].reduce(
    (names, request) => request.names.reduce((all, name) => all.add(name), names),
    new Set<string>(),
  );
  return gate(`${spans} spans sent for ${sent.size}, ${duplicates} twice`, spans === sent.size);
};

const samePartial: Check = ({ report, collector }) =>
  gate(
    `${report?.stats?.rejected} rejected, ${collector.refused} by the server's count`,
    report?.stats?.rejected === collector.refused,
  );

const nowhereElse: Check = ({ strayed }) => gate(`${strayed} requests at the address redirected to`, strayed === 0);

export const answerRows: Row[] = [
  {
    id: 'F6',
    goal: '400 is searched for the bad spans alone, 413 halves, 500 is dropped and counted, 401/403 wait for a new key',
    variants: [
      {
        name: '400 for requests with one of three bad spans',
        job: always({ kind: 'refuse-spans', status: 400, names: BAD }),
        checks: [loses(BAD.length), rejects(BAD.length), searchCost],
      },
      {
        name: '413 above 20 KB',
        job: always({ kind: 'refuse-bytes', above: 20_000 }),
        checks: [
          losesNothing,
          ({ collector, timeScale }, setting) =>
            timeScale === 1
              ? refusedLarge({ collector } as never, setting)
              : gate('the limit is learnt in the full profile', true),
        ],
      },
      {
        name: '413 above 20 KB, in a burst',
        job: {
          start: { kind: 'refuse-bytes', above: 20_000 },
          work: { kind: 'burst', spans: 5_000 },
          end: settle,
          unscaled: true,
        },
        checks: [losesNothing, refusedLarge],
      },
      {
        name: '500 for 10 s',
        job: {
          steps: [
            { at: 5, fault: { kind: 'status', status: 500 } },
            { at: 15, fault: ok },
          ],
          work: steady,
          end: settle,
        },
        checks: [allCounted],
      },
      rotated(401),
      rotated(403),
      {
        name: '307 to another collector',
        job: { ...always({ kind: 'redirect', status: 307 }), redirect: true },
        checks: [nowhereElse, allCounted],
      },
      {
        name: '308 to another collector',
        job: { ...always({ kind: 'redirect', status: 308 }), redirect: true },
        checks: [nowhereElse, allCounted],
      },
    ],
  },
  {
    id: 'F7',
    goal: 'partial success: rejected as the server counts, nothing sent again, ≤ 1 line a minute',
    variants: [
      {
        name: 'partial success: 7 of each request refused',
        job: always({ kind: 'partial', rejected: 7 }),
        checks: [samePartial, noRetries],
      },
    ],
  },
];
