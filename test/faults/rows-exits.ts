// F16–F21: how a process ends, and that its spans are there.
import { emit, type Job, type Measured, type Setting } from './emit.ts';
import type { Fault } from './fault-kinds.ts';
import { type Check, endsBySignal, endsWith, exitsWithin, gate, law, losesNothing } from './gates.ts';
import type { Handler } from './plan.ts';
import type { Row, Variant } from './row.ts';

const queued: Job['work'] = { kind: 'burst', spans: 2_000, errors: 0.05 };
const alive: Job['end'] = { kind: 'alive' };

const bySignal = (name: NodeJS.Signals): Variant => ({
  name: `${name}, 2,000 queued`,
  quiet: true,
  seconds: 3,
  job: { work: queued, end: alive, signal: { name }, unscaled: true, cutMs: 45_000 },
  checks: [losesNothing, endsBySignal(name), exitsWithin(300)],
});

/** The deadline is 5 s by default, and 1 s here in the short profile. */
const deadline = ({ profile }: Setting) => (profile === 'full' ? 5_000 : 1_000);
const byDeadline: Check = (measured, setting) => exitsWithin(deadline(setting) + 100, 1_000)(measured, setting);

const outOfReach = (name: string, fault: Fault): Variant => ({
  name: `SIGTERM, collector ${name}`,
  job: (setting) => ({
    start: fault,
    work: queued,
    end: alive,
    signal: { name: 'SIGTERM' },
    unscaled: true,
    env: { KEEPTRACE_SHUTDOWN_TIMEOUT_MS: String(deadline(setting)) },
    cutMs: 45_000,
  }),
  checks: [endsBySignal('SIGTERM'), byDeadline],
});

const delivered: Check = ({ response }) => gate(`the response in flight: ${response}`, response === 'complete');

const handled = (handler: Handler, code: number): Variant => ({
  name: `SIGTERM, the app listens: ${handler}`,
  quiet: true,
  seconds: 4,
  job: {
    work: queued,
    end: { kind: 'alive', handler },
    signal: { name: 'SIGTERM', ...(code === 0 && { request: true as const }) },
    unscaled: true,
    patientExit: true,
    cutMs: 45_000,
  },
  checks: [losesNothing, endsWith(code), exitsWithin(800), ...(code === 0 ? [delivered] : [])],
});

/** The same without tracing is what the app's user would have seen. */
async function untraced(setting: Setting, job: Job): Promise<Measured> {
  return emit({ ...setting, sdk: 'none' }, job);
}

/**
 * Nor the process number that Node puts before its warnings, nor the frame that a stack has on Node 22 wherever
 * `AsyncLocalStorage` is used, which works through async_hooks there.
 */
const withoutOurLines = (text: string) =>
  text
    .replaceAll(/^keeptrace: .*\n/gm, '')
    .replaceAll(/\(node:\d+\)/g, '(node)')
    .replaceAll(/^ +at process\.callbackTrampoline \(node:internal\/async_hooks.*\n/gm, '');

/** The stack names the plan's folder nowhere, so both runs print the same. */
const ending = (name: string, kind: 'exit' | 'throw' | 'reject', code: number): Variant => {
  const job: Job = { work: queued, end: { kind }, unscaled: true, patientExit: true, cutMs: 45_000 };
  return {
    name,
    quiet: true,
    seconds: 5,
    official: false,
    run: async (setting) => {
      const bare = await untraced(setting, job);
      const traced = await emit(setting, job);
      const blocked = traced.exitMs - bare.exitMs;
      const most = setting.profile === 'full' ? 250 : 2_000;
      return [
        losesNothing(traced, setting),
        endsWith(code)(traced, setting),
        gate(`the end held up by ${Math.round(blocked)} ms ≤ ${most} ms`, blocked <= most),
        gate('stderr is that of the app alone', withoutOurLines(traced.stderr) === withoutOurLines(bare.stderr)),
        ...law(traced),
      ];
    },
  };
};

const official = (name: string, kind: 'exit' | 'throw' | 'reject'): Variant => ({
  name: `${name}, side by side`,
  quiet: true,
  seconds: 4,
  job: { work: queued, end: { kind }, unscaled: true, cutMs: 45_000 },
  checks: [losesNothing],
  fullOnly: true,
});

export const exitRows: Row[] = [
  {
    id: 'F16',
    goal: 'SIGTERM with 2,000 queued: 0 lost, by signal, ≤ 300 ms',
    variants: [bySignal('SIGTERM')],
  },
  {
    id: 'F17',
    goal: 'SIGTERM and a collector that hangs, is down or drips: ended ≤ shutdownTimeout + 100 ms by signal',
    variants: [
      outOfReach('hangs', { kind: 'hang' }),
      outOfReach('is down', { kind: 'down' }),
      outOfReach('drips its status line', { kind: 'dripping-head', everyMs: 500 }),
      outOfReach('drips its body', { kind: 'dripping-body', everyMs: 500 }),
    ],
  },
  {
    id: 'F18',
    goal: 'the app owns SIGTERM: its handler completes, its response is delivered, its code kept, 0 of 2,001 lost',
    variants: [
      handled('drain-on', 0),
      handled('drain-exit', 0),
      handled('drain-once', 0),
      handled('drain-prepended', 0),
      handled('drain-async', 0),
      handled('exit3', 3),
    ],
  },
  {
    id: 'F19',
    goal: 'SIGINT, SIGHUP as SIGTERM; a second signal ends within 100 ms',
    variants: [
      bySignal('SIGINT'),
      bySignal('SIGHUP'),
      {
        name: 'SIGTERM twice while the collector hangs',
        job: {
          start: { kind: 'hang' },
          work: queued,
          end: alive,
          signal: { name: 'SIGTERM', again: { name: 'SIGTERM', afterMs: 500 } },
          unscaled: true,
          cutMs: 45_000,
        },
        checks: [endsBySignal('SIGTERM'), exitsWithin(100)],
      },
    ],
  },
  {
    id: 'F20',
    goal: 'process.exit(n), uncaught, unhandled: 0 of 2,000 lost, code and stderr kept, held up ≤ 250 ms',
    variants: [
      ending('process.exit(5)', 'exit', 5),
      ending('uncaught exception', 'throw', 1),
      ending('unhandled rejection', 'reject', 1),
      official('process.exit(5)', 'exit'),
      official('uncaught exception', 'throw'),
      official('unhandled rejection', 'reject'),
    ],
  },
  {
    id: 'F21',
    goal: 'natural end: 0 lost, held up ≤ 300 ms, ≤ 5.5 s when the collector hangs; a script of 10 spans loses none',
    variants: [
      {
        name: 'natural end, 2,000 spans',
        quiet: true,
        seconds: 3,
        job: { work: queued, end: { kind: 'natural' }, unscaled: true },
        checks: [losesNothing, endsWith(0), exitsWithin(300)],
      },
      {
        name: 'natural end, 10 spans',
        quiet: true,
        seconds: 3,
        job: { work: { kind: 'burst', spans: 10 }, end: { kind: 'natural' }, unscaled: true },
        checks: [losesNothing, endsWith(0), exitsWithin(300)],
      },
      {
        name: 'natural end, collector hangs',
        job: (setting) => ({
          start: { kind: 'hang' },
          work: queued,
          end: { kind: 'natural' },
          unscaled: true,
          env: { KEEPTRACE_SHUTDOWN_TIMEOUT_MS: String(deadline(setting)) },
        }),
        checks: [endsWith(0), (measured, setting) => exitsWithin(deadline(setting) + 500, 1_500)(measured, setting)],
      },
    ],
  },
];
