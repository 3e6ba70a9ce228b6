// One service of the shop as a process of its own, traced by nothing but the preload.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Service {
  name: string;
  /** First group of the ready line: the port of a server. */
  port: string;
  /** Resolves when `count` lines that match were printed; rejects when the service ends before. */
  printed(pattern: RegExp, count: number): Promise<void>;
  /** Sends SIGTERM; resolves with the milliseconds it took to end, rejects when it did not end by that signal. */
  stop(): Promise<number>;
}

/** Well above the 5 s that the flush at shutdown may take. */
const STOP_DEADLINE_MS = 10_000;

const running = new Set<ChildProcess>();

/** For the way out when something went wrong. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL');
}

export async function startService(
  name: string,
  ready: RegExp,
  env: Record<string, string>,
  root: string,
): Promise<Service> {
  const child = spawn(process.execPath, ['--import', 'keeptrace/register', `examples/shop/${name}.mjs`], {
    cwd: root,
    env: { PATH: process.env.PATH ?? '', NODE_ENV: 'development', OTEL_SERVICE_NAME: name, PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);

  const lines: string[] = [];
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  let ended: { code: number | null; signal: NodeJS.Signals | null } | undefined;
  for (const stream of [child.stdout, child.stderr]) {
    createInterface(stream).on('line', (line) => {
      lines.push(line);
      tell();
    });
  }
  const closed = new Promise<NodeJS.Signals | null>((resolve) => {
    child.on('close', (code, signal) => {
      running.delete(child);
      ended = { code, signal };
      resolve(signal);
      tell();
    });
  });
  const failure = (what: string) => {
    const how = ended ? `ended with ${ended.signal ?? `exit code ${ended.code}`}` : 'is still running';
    return new Error(`${name} ${what} (it ${how}). What it printed last:\n${lines.slice(-15).join('\n')}`);
  };

  const printed = (pattern: RegExp, count: number) =>
    new Promise<void>((resolve, reject) => {
      const check = () => {
        const enough = lines.filter((line) => pattern.test(line)).length >= count;
        if (!enough && !ended) return;
        listeners.delete(check);
        if (enough) resolve();
        else reject(failure(`did not print ${pattern} ${count} times`));
      };
      listeners.add(check);
      check();
    });

  await printed(ready, 1);
  const port = lines.map((line) => ready.exec(line)?.[1]).find((found) => found !== undefined) ?? '';
  return {
    name,
    port,
    printed,
    async stop() {
      if (ended) throw failure('ended before it was told to');
      const before = performance.now();
      child.kill('SIGTERM');
      const deadline = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
      const signal = await closed;
      clearTimeout(deadline);
      if (signal !== 'SIGTERM') throw failure('was sent SIGTERM and did not end by it');
      return performance.now() - before;
    },
  };
}
