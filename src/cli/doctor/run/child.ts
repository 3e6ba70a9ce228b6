// Owns the app's process: its start with the output passed through, and its end, by itself or by the doctor.
import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import type { RunFacts } from './facts.ts';

/** keeptrace sends for 5 s at most after SIGTERM, and the app may have something of its own to do. */
export const GRACE_MS = 7_000;
/** Ctrl-C has reached the app as well: it gets the time to end by it. */
const AFTER_CTRL_C_MS = 2_000;

export interface ChildOptions {
  env: NodeJS.ProcessEnv;
  cwd: string;
  /** Between SIGTERM and SIGKILL. */
  graceMs: number;
  stdio: StdioOptions;
  /** Resolves when enough has been seen. */
  enough: Promise<unknown>;
}

export type ChildEnd = RunFacts['ended'] & { pid?: number | undefined };

export async function runChild(
  command: readonly string[],
  { env, cwd, graceMs, stdio, enough }: ChildOptions,
): Promise<ChildEnd> {
  const [file = '', ...args] = command;
  const child = spawn(file, args, { env, cwd, stdio, shell: process.platform === 'win32' });
  const gone = new Promise<Omit<ChildEnd, 'by'>>((resolve) => {
    child.once('error', ({ message }) => resolve({ error: message }));
    child.once('exit', (code, signal) => resolve({ code: code ?? undefined, signal: signal ?? undefined }));
  });
  let asked: (signal: NodeJS.Signals) => void = () => {};
  const interrupted = new Promise<NodeJS.Signals>((resolve) => {
    asked = resolve;
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, asked);
  try {
    const first = await Promise.race([gone, enough.then(() => 'enough' as const), interrupted]);
    if (typeof first === 'object') return { by: 'itself', ...first, pid: child.pid };
    const end = await stop(child, gone, graceMs, first === 'SIGINT' && process.stdin.isTTY === true);
    return { by: 'doctor', ...end, pid: child.pid };
  } finally {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.off(signal, asked);
  }
}

async function stop<End>(child: ChildProcess, gone: Promise<End>, graceMs: number, told: boolean): Promise<End> {
  const timers = [
    setTimeout(() => child.kill('SIGTERM'), told ? AFTER_CTRL_C_MS : 0),
    setTimeout(() => child.kill('SIGKILL'), graceMs + (told ? AFTER_CTRL_C_MS : 0)),
  ];
  const end = await gone;
  for (const timer of timers) clearTimeout(timer);
  return end;
}

/** What a shell or a package manager had started, and did not stop: these are asked once more, then ended. */
export async function stopLeftOver(pids: readonly number[], graceMs: number): Promise<void> {
  if (!pids.some((pid) => signalled(pid, 0))) return;
  for (const pid of pids) signalled(pid, 'SIGTERM');
  const until = performance.now() + graceMs;
  while (pids.some((pid) => signalled(pid, 0)) && performance.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  for (const pid of pids) signalled(pid, 'SIGKILL');
}

function signalled(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false;
  }
}
