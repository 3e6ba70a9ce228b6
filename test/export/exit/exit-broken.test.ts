// The last requests of a process that cannot have a thread, or has meddled with what threads are made of.
import type * as Threads from 'node:worker_threads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RemoteTarget } from '../../../src/export/destination/destination-contract.ts';
import { bodies, closeCollectors, type DistantCollector, startDistantCollector } from './exit-rig.ts';

let collector: DistantCollector;
const target = (): RemoteTarget => ({ url: collector.url, headers: {}, timeoutMs: 1_000 });
const load = () => import('../../../src/export/exit/exit-flush.ts');

beforeEach(async () => {
  vi.resetModules();
  collector = await startDistantCollector();
});
afterEach(async () => {
  vi.doUnmock('node:worker_threads');
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
  await closeCollectors();
});

function withThreads(change: (threads: typeof Threads) => Partial<typeof Threads>): void {
  vi.doMock('node:worker_threads', async (original) => {
    const threads = (await original()) as typeof Threads;
    const changed = { ...threads, ...change(threads) };
    return { ...changed, default: changed };
  });
}

class Refused {
  constructor() {
    throw Object.assign(new Error('Access to this API has been restricted'), { code: 'ERR_ACCESS_DENIED' });
  }
}

test('a thread that cannot be started is a no for every job, with the reason', async () => {
  withThreads(() => ({ Worker: Refused as never }));
  const { sendAtExit } = await load();
  expect(sendAtExit(bodies(2, 1), target(), 5_000)).toEqual({
    accepted: [false, false],
    answers: [undefined, undefined],
    reason: 'ERR_ACCESS_DENIED',
  });
});

test('a thread that throws where nothing should is a no, too', async () => {
  withThreads(({ Worker }) => ({
    Worker: class extends Worker {
      override terminate(): never {
        throw new Error('boom');
      }
      override unref(): never {
        throw new TypeError('boom');
      }
    },
  }));
  const { sendAtExit } = await load();
  expect(sendAtExit(bodies(1, 1), target(), 5_000)).toMatchObject({ accepted: [false], reason: 'TypeError' });
});

test('without shared memory nothing is sent and nothing is thrown', async () => {
  vi.stubGlobal('SharedArrayBuffer', undefined);
  const { sendAtExit } = await load();
  expect(sendAtExit(bodies(1, 1), target(), 5_000)).toMatchObject({ accepted: [false], reason: 'TypeError' });
});

test('where a thread must not wait, none is started', async () => {
  let started = 0;
  withThreads(({ Worker }) => ({
    Worker: class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        started++;
      }
    },
  }));
  vi.spyOn(Atomics, 'wait').mockImplementation(() => {
    throw new TypeError('Atomics.wait cannot be called in this context');
  });
  const { sendAtExit } = await load();
  expect(sendAtExit(bodies(1, 1), target(), 5_000)).toMatchObject({ accepted: [false], reason: 'TypeError' });
  expect(started).toBe(0);
});

test('the thread is given nothing of the environment but what TLS reads, and no voice', async () => {
  vi.stubEnv('NODE_OPTIONS', '--no-deprecation');
  vi.stubEnv('NODE_DEBUG', 'http');
  vi.stubEnv('A_KEY', 's3cret');
  vi.stubEnv('NODE_EXTRA_CA_CERTS', '/ca.pem');
  let given: Threads.WorkerOptions | undefined;
  withThreads(({ Worker }) => ({
    Worker: class extends Worker {
      constructor(program: string, options: Threads.WorkerOptions) {
        super(program, options);
        given = options;
      }
    },
  }));
  const { sendAtExit } = await load();
  expect(sendAtExit(bodies(1, 1), target(), 5_000).accepted).toEqual([true]);
  expect(given).toMatchObject({ execArgv: [], argv: [], stdout: true, stderr: true });
  expect(given?.env).toMatchObject({ NODE_EXTRA_CA_CERTS: '/ca.pem' });
  for (const name of ['NODE_OPTIONS', 'NODE_DEBUG', 'A_KEY', 'PATH']) expect(given?.env).not.toHaveProperty(name);
});

test('an app that replaces Worker and Atomics later does not concern it', async () => {
  const { sendAtExit } = await load();
  const boom = () => {
    throw new Error('boom');
  };
  const threads = (await vi.importActual<{ default: typeof Threads }>('node:worker_threads')).default;
  const { Worker } = threads;
  vi.spyOn(Atomics, 'wait').mockImplementation(boom);
  vi.spyOn(Atomics, 'load').mockImplementation(boom);
  (threads as { Worker: unknown }).Worker = Refused;
  const { accepted } = sendAtExit(bodies(1, 1), target(), 5_000);
  (threads as { Worker: unknown }).Worker = Worker;
  expect(accepted).toEqual([true]);
});

test('a body that still drips at the deadline takes nothing back', async () => {
  const dripping = await startDistantCollector({ fault: { kind: 'dripping-body' } });
  vi.doMock('../../../src/export/exit/exit-worker.ts', async (original) => {
    const { exitWorkerProgram } = (await original()) as { exitWorkerProgram: string };
    return { exitWorkerProgram: exitWorkerProgram.replace('REPLY_BODY_MS = 100', 'REPLY_BODY_MS = 60_000') };
  });
  const { sendAtExit } = await load();
  vi.doUnmock('../../../src/export/exit/exit-worker.ts');
  const startedAt = performance.now();
  expect(sendAtExit(bodies(1, 1), { ...target(), url: dripping.url }, 1_500).accepted).toEqual([true]);
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(1_500);
});

test.for([
  ['a target that is no URL', { url: 'not a url' }],
  ['a header that HTTP does not allow', { headers: { 'x-key': 'a\nb' } }],
  ['a key that is none', { url: 'https://127.0.0.1:9', tls: { key: Buffer.from('no key') } }],
])('%s costs no waiting', async ([, wrong]) => {
  const { sendAtExit } = await load();
  const startedAt = performance.now();
  const result = sendAtExit(bodies(3, 1), { ...target(), ...(wrong as Partial<RemoteTarget>) }, 20_000);
  expect(result.accepted).toEqual([false, false, false]);
  expect(result.answers[0]).toBeInstanceOf(Error);
  expect(performance.now() - startedAt).toBeLessThan(10_000);
});
