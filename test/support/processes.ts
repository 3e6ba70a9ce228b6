// Starts real Node processes for tests, with an environment that holds nothing but what the test gives.
import { type ChildProcess, spawn } from 'node:child_process';

export interface AppOptions {
  /** Arguments of node: flags, the script, its arguments. */
  args: string[];
  env?: Record<string, string>;
  cwd?: string;
  /** Path of the node binary. Default: the one that runs the test. */
  node?: string;
}

export interface AppExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** Milliseconds since the start. */
  ms: number;
  /** Milliseconds since the first `kill()`; undefined when there was none. */
  msAfterKill: number | undefined;
}

export interface App {
  child: ChildProcess;
  stdout(): string;
  stderr(): string;
  /** The first line on stdout or stderr that matches, past or future. Rejects when the process ends without it. */
  line(pattern: RegExp, timeoutMs?: number): Promise<string>;
  exit: Promise<AppExit>;
  kill(signal?: NodeJS.Signals): void;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function runApp({ args, env = {}, cwd = process.cwd(), node = process.execPath }: AppOptions): App {
  const started = performance.now();
  const child = spawn(node, args, {
    cwd,
    env: { PATH: process.env.PATH ?? '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);

  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const listener of [...listeners]) listener();
    });
  }

  let killedAt: number | undefined;
  let ended: AppExit | undefined;
  const exit = new Promise<AppExit>((resolve, reject) => {
    child.on('error', (error) => {
      running.delete(child);
      reject(error);
    });
    // 'close' rather than 'exit': all output has been read by then.
    child.on('close', (code, signal) => {
      const now = performance.now();
      running.delete(child);
      ended = { code, signal, ms: now - started, msAfterKill: killedAt === undefined ? undefined : now - killedAt };
      resolve(ended);
      for (const listener of [...listeners]) listener();
    });
  });
  exit.catch(() => {});

  const find = (pattern: RegExp) => {
    for (const text of [output.stdout, output.stderr]) {
      for (const line of text.split('\n').slice(0, ended ? undefined : -1)) {
        if (line.search(pattern) >= 0) return line;
      }
    }
    return undefined;
  };
  const dump = () => `--- stdout\n${output.stdout}\n--- stderr\n${output.stderr}`;

  return {
    child,
    stdout: () => output.stdout,
    stderr: () => output.stderr,
    exit,
    kill(signal = 'SIGTERM') {
      killedAt ??= performance.now();
      child.kill(signal);
    },
    line: (pattern, timeoutMs = 20_000) =>
      new Promise((resolve, reject) => {
        const settle = (end: () => void) => {
          clearTimeout(timer);
          listeners.delete(check);
          end();
        };
        const check = () => {
          const line = find(pattern);
          if (line !== undefined) settle(() => resolve(line));
          else if (ended) {
            const { code, signal } = ended;
            settle(() => reject(new Error(`the process ended (${signal ?? code}) without ${pattern}\n${dump()}`)));
          }
        };
        const late = () => settle(() => reject(new Error(`no line ${pattern} in ${timeoutMs} ms\n${dump()}`)));
        const timer = setTimeout(late, timeoutMs);
        listeners.add(check);
        exit.catch((error: unknown) => settle(() => reject(error)));
        check();
      }),
  };
}
