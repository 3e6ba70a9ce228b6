// Runs one emitter against one fault collector and puts together what both have seen.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type App, type AppExit, runApp } from '../support/processes.ts';
import { testCertificates } from './certificates.ts';
import { type ScheduledCollector, startFaultCollector } from './fault-collector.ts';
import type { Fault, Step } from './fault-kinds.ts';
import type { Mutation } from './mutations.ts';
import type { End, Inside, Plan, Report, Sdk, Work } from './plan.ts';

/** How a row is run; what is run stands in the row. */
export interface Setting {
  profile: 'short' | 'full';
  sdk: Sdk;
  /** 1 in the full profile. */
  timeScale: number;
  protocol: 'http/protobuf' | 'http/json';
  /** Binary of the emitters. Default: the one that runs the suite. */
  node?: string | undefined;
  /** Takes keeptrace from the sources, changed. */
  mutation?: Mutation;
  /** The soak for its whole length. */
  soak?: boolean;
  /** A file of the folder from which emitters take the packages. */
  from: string;
}

export interface Job {
  /** In force before the emitter starts. Default: ok. */
  start?: Fault;
  /** From the moment at which the emitter is ready. */
  steps?: readonly Step[];
  tag?: string;
  work: Work;
  end: End;
  env?: Record<string, string>;
  inside?: Inside;
  tls?: true;
  /** A second collector, for redirects, which must see nothing. */
  redirect?: true;
  /** Instead of 127.0.0.1. */
  host?: string;
  /** Waits as long as they are, also in the short profile. */
  unscaled?: true;
  /** In the short profile `process.exit` has 3 s to deliver: half a second is short where three test files share two cores. */
  patientExit?: true;
  /** Bounds that are no settings: takes keeptrace from the sources in the full profile, too. */
  limits?: Record<string, number>;
  /** Sent when the work is done, `afterMs` later; a request of the app is in flight with `request`. */
  signal?: {
    name: NodeJS.Signals;
    afterMs?: number;
    when?: () => Promise<void>;
    again?: { name: NodeJS.Signals; afterMs: number };
    request?: true;
  };
  /** Sent so many milliseconds after the start of the work. */
  kill?: { name: NodeJS.Signals; afterMs: number };
  /** Put before the command of the emitter in a shell: limits of the system. */
  shell?: string;
  /** Milliseconds after the end of the work at which a process that has not ended is cut. Default 60 s. */
  cutMs?: number;
}

export interface Measured {
  sdk: Sdk;
  timeScale: number;
  ended: number;
  endedErrors: number;
  acked: number;
  ackedErrors: number;
  duplicates: number;
  lost: number;
  report: Report | undefined;
  collector: ScheduledCollector;
  /** What the second collector saw. */
  strayed: number;
  stdout: string;
  stderr: string;
  exit: AppExit;
  /** It had to be killed. */
  cut: boolean;
  /** From the signal, or from the end of the work, to the end of the process. */
  exitMs: number;
  response: string | undefined;
  /** `performance.now()` when the emitter was ready. */
  readyAt: number;
  /** The same load without the fault. */
  control?: Measured;
  env: Record<string, string>;
}

const script = join(import.meta.dirname, 'emitter/emitter.mjs');

export function environment(
  setting: Setting,
  job: Pick<Job, 'env' | 'unscaled' | 'limits' | 'patientExit' | 'start' | 'steps'>,
): Record<string, string> {
  const scale = scaleOf(setting, job);
  return {
    OTEL_SERVICE_NAME: 'emitter',
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_LOGS_EXPORTER: 'none',
    OTEL_EXPORTER_OTLP_PROTOCOL: setting.protocol,
    OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'http,undici,pg,aws-sdk',
    ...(scale !== 1 && {
      OTEL_BSP_SCHEDULE_DELAY: String(1_000 * scale),
      // Where a collector answers, a busy machine may take that long to do so.
      ...(keepsWaiting(job) && { OTEL_EXPORTER_OTLP_TIMEOUT: String(10_000 * scale) }),
    }),
    ...(setting.profile === 'short' && job.patientExit && { KEEPTRACE_EXIT_TIMEOUT_MS: '3000' }),
    ...job.env,
  };
}

const waits = new Set<Fault['kind']>(['hang', 'deaf', 'dripping-head', 'dripping-body']);

function keepsWaiting({ start, steps = [] }: Pick<Job, 'start' | 'steps'>): boolean {
  return [start, ...steps.map(({ fault }) => fault)].some((fault) => fault !== undefined && waits.has(fault.kind));
}

export function scaleOf(setting: Setting, job: Pick<Job, 'unscaled'>): number {
  return job.unscaled ? 1 : setting.timeScale;
}

export interface Emitter {
  app: App;
  env: Record<string, string>;
  report(): Report | undefined;
  /** Of a process that was killed. */
  counted(): number;
  remove(): void;
}

/** Starts an emitter without waiting for anything. */
export function startEmitter(setting: Setting, job: Job, url: string | undefined): Emitter {
  const folder = mkdtempSync(join(tmpdir(), 'keeptrace-emitter-'));
  const file = (name: string) => join(folder, name);
  const { limits } = job;
  const edits = setting.mutation?.edits;
  const timeScale = scaleOf(setting, job);
  const seconds = (plan: Plan): Plan => {
    if (plan.work.kind === 'steady') plan.work = { ...plan.work, seconds: plan.work.seconds * timeScale };
    return plan;
  };
  const plan = seconds({
    sdk: setting.sdk,
    from: setting.from,
    work: job.work,
    end: job.end,
    ...(job.tag && { tag: job.tag }),
    reportFile: file('report.json'),
    ...(timeScale !== 1 || limits || edits
      ? { source: { timeScale, ...(limits && { limits }), ...(edits && { edits }) } }
      : {}),
    ...(job.inside && { inside: job.inside }),
    ...(job.kill && { countFile: file('count') }),
  });
  writeFileSync(file('plan.json'), JSON.stringify(plan));
  const env = { ...(url && { OTEL_EXPORTER_OTLP_ENDPOINT: url }), ...environment(setting, job) };
  const command = [script, file('plan.json')];
  const node = setting.node ?? process.execPath;
  const app = job.shell
    ? runApp({ node: 'sh', args: ['-c', `${job.shell}; exec "$0" "$@"`, node, ...command], env })
    : runApp({ node, args: command, env });
  return {
    app,
    env,
    report: () => (existsSync(plan.reportFile) ? JSON.parse(readFileSync(plan.reportFile, 'utf8')) : undefined),
    counted: () => {
      if (!existsSync(file('count'))) return 0;
      const bytes = readFileSync(file('count'));
      return bytes.length === 8 ? Number(bytes.readBigUInt64LE()) : 0;
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @param shared a collector of the caller's, which lives on */
export async function emit(setting: Setting, job: Job, shared?: ScheduledCollector): Promise<Measured> {
  const timeScale = scaleOf(setting, job);
  const certificates = job.tls && testCertificates();
  const options = { lean: true, timeScale, ...(certificates && { certificates }) };
  const collector = shared ?? (await startFaultCollector(job.start, certificates?.trusted, options));
  const second = job.redirect && (await startFaultCollector({ kind: 'ok' }, undefined, { lean: true }));
  if (second) collector.redirectTo = second.url;
  const origin = job.host ? collector.origin.replace('127.0.0.1', job.host) : collector.origin;
  const emitter = startEmitter(setting, job, origin);
  const { app } = emitter;
  // The schedule may outlast the emitter.
  let scheduled = Promise.resolve();
  let cut = false;
  let cutTimer: NodeJS.Timeout | undefined;
  try {
    await app.line(/^ready/, 60_000);
    const readyAt = performance.now();
    if (job.steps) scheduled = collector.schedule(job.steps);
    const killed = job.kill && setTimeout(() => app.kill(job.kill?.name), job.kill.afterMs);
    const over = killed ? app.exit : app.line(/^worked/, 700_000).catch(() => app.exit);
    await over;
    const workedAt = performance.now();
    const settleMs = job.end.kind === 'shutdown' ? job.end.settleS * 1_000 * timeScale : 0;
    cutTimer = setTimeout(
      () => {
        cut = true;
        app.kill('SIGKILL');
      },
      (job.cutMs ?? 60_000) + settleMs,
    );
    let settledAt: number | undefined;
    if (job.end.kind === 'shutdown') {
      const settled = app.line(/^settled/, 700_000);
      void settled.then(() => (settledAt = performance.now())).catch(() => {});
    }
    const { response, signalledAt } = await signalled(job, app);
    const exit = await app.exit;
    const endedAt = performance.now();
    const report = emitter.report();
    const from = signalledAt ?? settledAt ?? workedAt;
    const { tag = '' } = job;
    const names = [...collector.acked.keys()].filter((name) => name.startsWith(tag));
    const ended = job.kill ? emitter.counted() : (report?.ended ?? 0);
    let duplicates = 0;
    for (const times of collector.acked.values()) duplicates += times - 1;
    return {
      sdk: setting.sdk,
      timeScale,
      ended,
      endedErrors: report?.endedErrors ?? 0,
      acked: names.length,
      ackedErrors: names.filter((name) => /^e\d+$/.test(name.slice(tag.length))).length,
      duplicates,
      lost: ended - names.length,
      report,
      collector,
      strayed: second?.attempts.length ?? 0,
      stdout: app.stdout(),
      stderr: app.stderr(),
      exit,
      cut,
      exitMs: endedAt - from,
      response: await response,
      readyAt,
      env: emitter.env,
    };
  } finally {
    clearTimeout(cutTimer);
    app.kill('SIGKILL');
    if (!shared) await collector.close();
    // A schedule that outlives its emitter stops with the collector, and then is never done.
    scheduled.catch(() => {});
    await second?.close();
    emitter.remove();
  }
}

async function signalled({ signal }: Job, app: App): Promise<{ response?: Promise<string>; signalledAt?: number }> {
  if (!signal) return {};
  const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  const port = /^ready (\d+)/m.exec(app.stdout())?.[1];
  let response: Promise<string> | undefined;
  if (signal.request) {
    response = new Promise((resolve) => {
      const request = get(`http://127.0.0.1:${port}/`, { agent: false }, (answer) => {
        let text = '';
        answer.on('data', (chunk) => (text += chunk));
        answer.on('close', () => resolve(text));
      });
      request.on('error', () => resolve('cut'));
    });
    await pause(100);
  }
  await pause(signal.afterMs ?? 0);
  await signal.when?.();
  let signalledAt = performance.now();
  app.kill(signal.name);
  if (signal.again) {
    await pause(signal.again.afterMs);
    signalledAt = performance.now();
    app.child.kill(signal.again.name);
  }
  return { signalledAt, ...(response && { response }) };
}
