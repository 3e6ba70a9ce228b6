// `keeptrace doctor -- command`: runs the app with a probe in it and a receiver beside it, and says where spans get lost.
import { startReceiver } from '../../../receiver/server.ts';
import type { Finding } from '../finding.ts';
import { readApp } from './app-facts.ts';
import { runChecks } from './checks/index.ts';
import { GRACE_MS, runChild, stopLeftOver } from './child.ts';
import { doctorEnvironment, keeptraceFor, ownRoot, preloadFlag } from './environment.ts';
import type { RunFacts, ThreadFacts } from './facts.ts';
import { openProbeFolder } from './probe-folder.ts';
import { type RunStage, stagesOf } from './stages.ts';

export type { RunStage } from './stages.ts';

export interface RunOptions {
  /** The app is stopped after that, or after so many traces. */
  seconds: number;
  traces: number;
  env: NodeJS.ProcessEnv;
  /** Where the app's stdout goes; `stderr` leaves stdout to a report for machines. Default `inherit`. */
  output?: 'inherit' | 'stderr' | 'ignore';
  /** Milliseconds from SIGTERM to SIGKILL. Default 7,000. */
  graceMs?: number;
  /** Default: the working directory. */
  cwd?: string;
}

export interface RunResult {
  findings: Finding[];
  stages: RunStage[];
  /** Of the app; undefined when a signal ended it or it never ran. */
  exitCode?: number;
}

const LOOK_EVERY_MS = 100;

/** Never rejects for the app's sake: a command that cannot be run is a finding. */
export async function runApplication(command: readonly string[], options: RunOptions): Promise<RunResult> {
  const facts = await gatherRunFacts(command, options);
  const { code } = facts.ended;
  return {
    findings: runChecks(facts),
    stages: stagesOf(facts),
    ...(code === undefined ? {} : { exitCode: code }),
  };
}

export async function gatherRunFacts(command: readonly string[], options: RunOptions): Promise<RunFacts> {
  const { seconds, traces, env, output = 'inherit', cwd = process.cwd(), graceMs = GRACE_MS } = options;
  const app = readApp(command, env, cwd);
  const keeptrace = keeptraceFor(cwd);
  const folder = openProbeFolder(ownRoot(), keeptrace);
  const receiver = await startReceiver();
  const watching = watch(() => folder.read(), seconds, traces);
  const ended = await runChild(command, {
    env: doctorEnvironment(env, {
      url: receiver.url,
      probe: folder.probe,
      preload: app.starts === 'doctor' ? preloadFlag(keeptrace, app.entry?.file) : undefined,
    }),
    cwd,
    graceMs,
    stdio: output === 'ignore' ? 'ignore' : ['inherit', output === 'stderr' ? 2 : 'inherit', 'inherit'],
    enough: watching.enough,
  });
  watching.end();
  if (ended.by === 'doctor') await stopLeftOver(leftOver(folder.read(), ended.pid), graceMs);
  const threads = folder.read();
  const received = { spans: receiver.spans.length, url: receiver.url };
  await receiver.close();
  folder.remove();
  const { pid: _, ...end } = ended;
  return { app, threads, received, seconds, ended: end, command: command.join(' ') };
}

/**
 * Processes that have not told of their end; the number of one that has may be another's by now. Of those without the
 * probe their parents tell, which is why only Node's are ended: anything else may be meant to stay.
 */
function leftOver(threads: readonly ThreadFacts[], stopped: number | undefined): number[] {
  const told = threads.filter(({ threadId }) => threadId === 0);
  const alive = told.filter(({ exit, pid }) => exit === undefined && pid !== stopped).map(({ pid }) => pid);
  const children = threads.flatMap((thread) => thread.children).filter(({ node, ended }) => node && !ended);
  const unseen = children.map(({ pid }) => pid).filter((pid) => !told.some((thread) => thread.pid === pid));
  return [...new Set([...alive, ...unseen])];
}

/** Resolves `enough` after the time, or when so many traces have ended, whichever process they ended in. */
function watch(read: () => ThreadFacts[], seconds: number, traces: number) {
  let looking: NodeJS.Timeout | undefined;
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, seconds * 1_000);
    looking = setInterval(() => {
      const ids = new Set(read().flatMap(({ spans }) => spans.traces));
      if (ids.size >= traces) resolve();
    }, LOOK_EVERY_MS);
  });
  const end = (): void => {
    clearInterval(looking);
    clearTimeout(timer);
  };
  return { enough, end };
}
