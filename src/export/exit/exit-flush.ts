// Owns the last requests of a process: another thread sends them while this one, which is about to end, stands still.
// Why the thread is not started earlier is told in docs/decisions/0006-exit-flush.md.
import fs from 'node:fs';
import * as threads from 'node:worker_threads';
import { now } from '../clock.ts';
import type { RemoteTarget } from '../destination/destination-contract.ts';
import type { Reply } from '../destination/transport.ts';
import { type ExitWorkerData, type ExitWorkerMessage, exitWorkerProgram } from './exit-worker.ts';

// Taken when loaded: what an app or a test does to them later does not concern the exit.
const { Worker, MessageChannel, receiveMessageOnPort } = threads;
const { wait, load, store } = Atomics;
const whereAmI = fs.realpathSync.native;
const goTo = process.chdir.bind(process);

/** A ready request body, as it goes on the wire. */
export interface ExitJob {
  bytes: Uint8Array;
  spanCount: number;
}

/** What became of one job: an answer, an error of the connection, or undefined when there was none in time. */
export type ExitAnswer = Reply | (Error & { code: string }) | undefined;

export interface ExitResult {
  /** Per job: the server has said yes. False when it has not, and when that is not known. */
  accepted: boolean[];
  /** Per job, for those who want to know why. */
  answers: ExitAnswer[];
  /** Why nothing could be tried at all: a code such as `ERR_ACCESS_DENIED`. */
  reason?: string;
}

/** All that a TLS connection reads from the environment. The rest is nobody's business there, `NODE_OPTIONS` least of all. */
const passedOn = ['NODE_TLS_REJECT_UNAUTHORIZED', 'NODE_EXTRA_CA_CERTS', 'SSL_CERT_FILE', 'SSL_CERT_DIR', 'SystemRoot'];

/**
 * Sends `jobs` in order over at most two connections, each of them once, and blocks this thread meanwhile.
 *
 * @param deadlineMs wall-clock cap; the call returns by then whatever happens
 * @param again told all answers so far after each round, it names what the same thread shall send next; nothing by default
 * @returns what is known by then, later rounds behind earlier ones. Never throws: where threads or waiting are not allowed,
 *   nothing is accepted
 */
export function sendAtExit(
  jobs: readonly ExitJob[],
  target: RemoteTarget,
  deadlineMs: number,
  again: (answers: readonly ExitAnswer[]) => readonly ExitJob[] = () => [],
): ExitResult {
  const until = now() + deadlineMs;
  const result: ExitResult = { accepted: jobs.map(() => false), answers: jobs.map(() => undefined) };
  if (jobs.length === 0 || !(deadlineMs > 0)) return result;
  let stop: (() => void) | undefined;
  try {
    const counter = new Int32Array(new SharedArrayBuffer(4));
    // Some threads must not wait (a browser's, Electron's renderer); they throw here, before anything has been started.
    wait(counter, 0, 1, 0);
    const { port1, port2 } = new MessageChannel();
    const worker = startWorker(target, counter, port2);
    stop = () => {
      port1.close();
      void worker.terminate();
    };
    for (let round = jobs, first = 0; round.length > 0 && now() < until; ) {
      // Copies, because what is not accepted is still needed here; moved, so that it is one copy and not two.
      const bodies = round.map(({ bytes }) => new Uint8Array(bytes));
      port1.postMessage(
        bodies,
        bodies.map(({ buffer }) => buffer),
      );
      waitFor(counter, round.length, until);
      for (let got = receiveMessageOnPort(port1); got; got = receiveMessageOnPort(port1)) {
        note(result, first, got.message as ExitWorkerMessage);
      }
      store(counter, 0, 0);
      first += round.length;
      round = again(result.answers);
      result.accepted.push(...round.map(() => false));
      result.answers.push(...round.map(() => undefined));
    }
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    result.reason = code ?? name ?? 'UNKNOWN';
  }
  try {
    stop?.();
  } catch {
    // The process ends; so does the thread.
  }
  return result;
}

function startWorker(
  { url, headers, tls = {}, addresses = [] }: RemoteTarget,
  counter: Int32Array,
  port: threads.MessagePort,
): threads.Worker {
  leaveDeletedFolder();
  const done = counter.buffer as SharedArrayBuffer;
  const workerData = { url, headers, tls, addresses, done, port } as unknown as ExitWorkerData;
  const worker = new Worker(exitWorkerProgram, {
    eval: true,
    name: 'keeptrace exit',
    workerData,
    transferList: [port],
    // Without flags and NODE_OPTIONS of the process: a preload of its own is what this thread must not have.
    execArgv: [],
    argv: [],
    env: Object.fromEntries(passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : []))),
    // Warnings of Node (an expired certificate, TLS checks turned off) have been printed by the process itself.
    stdout: true,
    stderr: true,
    trackUnmanagedFds: false,
  });
  worker.on('error', () => {});
  worker.unref();
  return worker;
}

/**
 * A thread does not start in a folder that was deleted, as that of an earlier release is. Files can be neither there nor in
 * /proc, so listeners that come after us find no other world.
 */
function leaveDeletedFolder(): void {
  try {
    whereAmI('.');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return;
    try {
      goTo('/proc/self');
    } catch {
      // Then the thread does not start, and the spans are counted.
    }
  }
}

function waitFor(counter: Int32Array, jobs: number, until: number): void {
  for (;;) {
    const done = load(counter, 0);
    const left = until - now();
    if (done >= jobs || left <= 0) return;
    wait(counter, 0, done, left);
  }
}

function note(result: ExitResult, first: number, { job: index, ...message }: ExitWorkerMessage): void {
  const job = first + index;
  if ('code' in message) {
    result.answers[job] = Object.assign(new Error(message.message), { code: message.code });
    return;
  }
  const { status, contentType, body } = message;
  result.answers[job] = { ...message, body: Buffer.from(body.buffer, body.byteOffset, body.byteLength) };
  // Any web server may answer 200 to any POST.
  result.accepted[job] = status >= 200 && status < 300 && !contentType.startsWith('text/html');
}
