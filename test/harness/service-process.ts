// One service as a process: started under its preload, told its part, restarted after a kill, settled at the end.
import { type ChildProcess, spawn } from 'node:child_process';
import type { Answer, Assignment, Order } from './service/protocol.ts';

export interface ServiceProcess {
  name: string;
  port: number;
  pid: number;
  /** Resolves when the process is gone. */
  gone: Promise<void>;
  order<Kind extends Answer['answer']>(order: Order, answer: Kind): Promise<Extract<Answer, { answer: Kind }>>;
  tell(order: Order): void;
  stop(): Promise<void>;
  stderr(): string;
}

export interface Launch {
  /** Of node: the preload and the script. */
  args: string[];
  cwd: string;
  env: Record<string, string>;
}

const ANSWER_DEADLINE_MS = 30_000;
const STDERR_KEPT = 20_000;
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export async function startService(launch: Launch, assignment: Assignment): Promise<ServiceProcess> {
  const { service: name } = assignment;
  const child = spawn(process.execPath, launch.args, {
    cwd: launch.cwd,
    env: { PATH: process.env.PATH ?? '', OTEL_SERVICE_NAME: name, ...launch.env },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  running.add(child);
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-STDERR_KEPT);
  });
  const gone = new Promise<void>((resolve) => {
    child.once('close', () => {
      running.delete(child);
      resolve();
    });
  });

  const order: ServiceProcess['order'] = (message, wanted) =>
    new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        clearTimeout(timer);
        child.off('message', hear);
        end();
      };
      const refuse = (why: string) => settle(() => reject(new Error(`${name} ${why}\n${stderr}`)));
      const hear = (answer: Answer) => {
        if (answer.answer === wanted) settle(() => resolve(answer as Extract<Answer, { answer: typeof wanted }>));
      };
      const timer = setTimeout(() => refuse(`did not say "${wanted}"`), ANSWER_DEADLINE_MS);
      child.on('message', hear);
      void gone.then(() => refuse(`ended before it said "${wanted}"`));
      if (child.connected) child.send(message);
    });

  const { port } = await order({ order: 'assign', assignment }, 'listening');
  return {
    name,
    port,
    pid: child.pid ?? 0,
    gone,
    order,
    tell: (message) => void child.send(message),
    stderr: () => stderr,
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await gone;
      clearTimeout(late);
    },
  };
}
