// F15, F33–F36: shedding, many processes at a time, long flapping, what the app feels, and faults within the process.
import { emit, type Job, type Measured, type Setting } from './emit.ts';
import { startFaultCollector } from './fault-collector.ts';
import type { Fault, Step } from './fault-kinds.ts';
import { atMost, type Check, endsWith, gate, law, losesNothing, round } from './gates.ts';
import { herdGates } from './herd.ts';
import type { Inside } from './plan.ts';
import type { Row, Variant } from './row.ts';

const ok: Fault = { kind: 'ok' };
const down: Fault = { kind: 'down' };
const unavailable: Fault = { kind: 'status', status: 503 };
const steady = (seconds: number, rate = 250): Job['work'] => ({ kind: 'steady', rate, seconds, errors: 0.05 });
const settle = (settleS: number): Job['end'] => ({ kind: 'shutdown', settleS });
const between = (fault: Fault, from: number, until: number): Step[] => [
  { at: from, fault },
  { at: until, fault: ok },
];

const SHED_S = 35;
const keepsErrors: Check = ({ ackedErrors, endedErrors }) =>
  gate(`${ackedErrors} of ${endedErrors} with errors kept`, ackedErrors === endedErrors && endedErrors > 0);
/** Of those without errors that ended while the collector was away. */
const sheds: Check = ({ lost, ended }, _setting) => {
  const away = ended * (SHED_S / 42) * 0.95;
  return gate(`${lost} of about ${Math.round(away)} without errors shed, ≥ 80 % wanted`, lost >= 0.8 * away);
};

const flapping = (seconds: number): Step[] =>
  Array.from({ length: Math.floor(seconds / 5) }, (_, n) => ({ at: 5 + n * 5, fault: n % 2 === 0 ? down : ok })).concat(
    [{ at: 5 + Math.floor(seconds / 5) * 5, fault: ok }],
  );

/** MB a minute, over the second half: the first is the machine getting warm. */
const slope = ({ report }: Measured): number => {
  const all = report?.series ?? [];
  const half = all.slice(all.length >> 1).map(([ms, , rss]) => [ms / 60_000, rss / 1e6] as const);
  const mean = (of: (one: readonly [number, number]) => number) =>
    half.reduce((sum, one) => sum + of(one), 0) / half.length;
  const [x, y] = [mean(([at]) => at), mean(([, mb]) => mb)];
  return mean(([at, mb]) => (at - x) * (mb - y)) / mean(([at]) => (at - x) ** 2);
};
const descriptors = ({ report }: Measured): number =>
  Math.abs((report?.descriptors[1] ?? 0) - (report?.descriptors[0] ?? 0));

const soak = ({ soak, profile }: Setting): number => (soak ? 1_800 : profile === 'full' ? 180 : 60);

const underLoad: [name: string, fault: Fault][] = [
  ['no fault', ok],
  ['down', down],
  ['503', unavailable],
  ['hangs', { kind: 'hang' }],
  ['drips', { kind: 'dripping-head', everyMs: 500 }],
  ['resets', { kind: 'reset' }],
  ['503 with 100 MB', { kind: 'big-body', status: 503, bytes: 100 * 2 ** 20 }],
];
let bareDelay: Promise<Measured> | undefined;

const delay = ([name, fault]: [string, Fault]): Variant => ({
  name: `loop delay at 1,000/s: ${name}`,
  quiet: true,
  fullOnly: true,
  seconds: 25,
  run: async (setting) => {
    const job: Job = { steps: between(fault, 1, 10), work: steady(10, 1_000), end: settle(0) };
    bareDelay ??= emit({ ...setting, sdk: 'none' }, job);
    const bare = await bareDelay;
    const theirs = await emit({ ...setting, sdk: 'official' }, job);
    const ours = await emit(setting, job);
    const added = ({ report }: Measured) => (report?.eld.p99 ?? 0) - (bare.report?.eld.p99 ?? 0);
    const says = `p99 +${round(added(ours))} ms ≤ 3 ms (official +${round(added(theirs))} ms), longest ${round(ours.report?.eld.max ?? 0)} ms`;
    return [gate(says, added(ours) <= 3), ...law(ours)];
  },
});

const within = (name: string, inside: Inside, more: Partial<Job> = {}, checks: Check[] = [losesNothing]): Variant => ({
  name,
  official: false,
  job: {
    steps: between(unavailable, 2, 12),
    work: steady(15),
    end: settle(30),
    inside,
    ...more,
  },
  checks: [...checks, endsWith(0)],
});

/** What the serializer throws at is lost, span by span; nothing else is. */
const losesAFew: Check = ({ lost, ended }) =>
  gate(`${lost} of ${ended} lost, ≤ 1 % or 5`, lost <= Math.max(5, ended / 100));

export const systemRows: Row[] = [
  {
    id: 'F15',
    goal: 'shedding at a cap of 200 KB with 5 % errors: all of those kept, ≥ 80 % of the others shed',
    variants: [
      {
        name: 'a cap of 200 KB, down for 35 s at 1,000/s',
        job: ({ profile }) => ({
          steps: between(down, 5, 5 + SHED_S),
          // A twentieth of the time makes a fifth of the spans.
          work: steady(42, profile === 'full' ? 1_000 : 4_000),
          end: settle(45),
          limits: { queueBytes: profile === 'full' ? 200_000 : 80_000, packAboveBytes: 0 },
        }),
        checks: [keepsErrors, sheds],
      },
    ],
  },
  {
    id: 'F33',
    goal: '20 emitters, out for 30 s: after the return no second has > 2× the steady rate, retries uncorrelated (< 0.2)',
    variants: [
      {
        name: '20 emitters',
        seconds: 100,
        fullOnly: true,
        run: async (setting) => {
          const collector = await startFaultCollector(ok, undefined, { lean: true });
          try {
            const emitters = Array.from({ length: 20 }, (_, n) => {
              const env = { OTEL_EXPORTER_OTLP_HEADERS: `x-emitter=${n}` };
              return emit(setting, { tag: `h${n}-`, work: steady(90, 20), end: settle(30), env }, collector);
            });
            const seen = () => new Set(collector.requests.map(({ headers }) => headers['x-emitter'])).size;
            await collector.until(() => seen() === emitters.length, 60_000);
            await collector.schedule(between(unavailable, 10, 40));
            const all = await Promise.all(emitters);
            const laws = all.flatMap((one) => law({ ...one, collector: { ...collector, steps: collector.steps } }));
            const lost = all.reduce((sum, one) => sum + one.lost, 0);
            return [gate(`${lost} lost`, lost === 0), ...herdGates(collector), ...laws.filter(({ ok }) => !ok)];
          } finally {
            await collector.close();
          }
        },
      },
    ],
  },
  {
    id: 'F34',
    goal: 'flapping 5 s up, 5 s down for 30 min at 500/s: 0 lost, RSS slope ≤ 0.5 MB/min, descriptors ± 2',
    variants: [
      {
        name: 'flapping, 3 minutes in place of 30 without --soak',
        seconds: 220,
        job: (setting) => ({ steps: flapping(soak(setting)), work: steady(soak(setting) + 10, 500), end: settle(45) }),
        checks: [
          losesNothing,
          (measured, setting) =>
            gate(
              `RSS ${round(slope(measured))} MB/min${setting.soak ? ' ≤ 0.5 MB/min' : ', judged with --soak only'}`,
              !setting.soak || slope(measured) <= 0.5,
            ),
          atMost('descriptors more or fewer than at the start', '', descriptors, 2, 4),
        ],
      },
    ],
  },
  {
    id: 'F35',
    goal: 'at 1,000/s during every fault the loop delay p99 rises by ≤ 3 ms',
    variants: underLoad.map(delay),
  },
  {
    id: 'F36',
    goal: 'faults within the process: the app unaffected, nothing lost, back-off by a monotonic clock',
    variants: [
      within('the clock jumps an hour ahead', { kind: 'clock', afterS: 4, byMs: 3_600_000 }),
      within('the clock jumps an hour back', { kind: 'clock', afterS: 4, byMs: -3_600_000 }),
      within('timers and Date.now() stubbed by the app', { kind: 'timers' }),
      within('threads die every 300 ms', { kind: 'workers-die', everyMs: 300 }),
      within(
        'threads die, process.exit(5)',
        { kind: 'workers-die', everyMs: 300 },
        { steps: [], work: steady(3), end: { kind: 'exit' }, unscaled: true, patientExit: true },
        [losesNothing],
      ),
      within('the serializer throws at every 7th call', { kind: 'serializer', every: 7 }, {}, [losesAFew]),
    ].map((variant) =>
      variant.name.includes('exit(5)') ? { ...variant, checks: [losesNothing, endsWith(5)] } : variant,
    ),
  },
];
