// The ways an app is loaded and the ways tracing is started before it: one table, run on every Node we support.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { expect } from 'vitest';
import { type ReceivedSpan, type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { runApp } from '../support/processes.ts';

export interface RegisterCase {
  name: string;
  args: string[];
  /** Node versions that cannot run this case at all, whoever does the tracing; the reason stands beside it. */
  not?: RegExp;
  /** In the subset that every `npm test` runs. */
  quick?: true;
}

const fixtures = join(import.meta.dirname, 'fixtures/register');
const preload = (flag: '--import' | '--require', script: string, ...flags: string[]) => [
  ...flags,
  flag,
  'keeptrace/register',
  join(fixtures, script),
];
/** Node strips types by itself, without a flag, from 22.18 on. */
const noStripping = /^22\.1[5-7]\./;
/** `--import` sends a CommonJS TypeScript entry through the ES module translator, whose require no one can patch. */
const translatedEntry = /^(22|24\.(\d|1[0-7]))\./;

export const registerCases: RegisterCase[] = [
  { name: '--import, ES module, named imports', args: preload('--import', 'esm-named.mjs'), quick: true },
  { name: '--import, ES module, default imports', args: preload('--import', 'esm-default.mjs') },
  { name: '--import, CommonJS', args: preload('--import', 'commonjs.cjs'), quick: true },
  { name: '--import, .mts run natively', args: preload('--import', 'typescript.mts'), not: noStripping },
  { name: '--import, .ts run natively', args: preload('--import', 'typescript.ts'), not: noStripping, quick: true },
  { name: '--import, .cts run natively', args: preload('--import', 'typescript.cts'), not: translatedEntry },
  { name: '--import, tsx, ES module', args: preload('--import', 'typescript.ts', '--import', 'tsx') },
  { name: '--import, tsx, CommonJS', args: preload('--import', 'commonjs/typescript.ts', '--import', 'tsx') },
  { name: '--require, ES module, named imports', args: preload('--require', 'esm-named.mjs'), quick: true },
  { name: '--require, ES module, default imports', args: preload('--require', 'esm-default.mjs') },
  { name: '--require, CommonJS', args: preload('--require', 'commonjs.cjs') },
  { name: '--require, .mts run natively', args: preload('--require', 'typescript.mts'), not: noStripping },
  { name: '--require, .cts run natively', args: preload('--require', 'typescript.cts'), not: noStripping, quick: true },
  { name: '--require, .ts of CommonJS', args: preload('--require', 'commonjs/typescript.ts'), not: noStripping },
  { name: '--require, tsx, CommonJS', args: preload('--require', 'commonjs/typescript.ts', '--import', 'tsx') },
  { name: '--import, worker of an ES module', args: preload('--import', 'worker.mjs'), quick: true },
  { name: '--import, worker of CommonJS', args: preload('--import', 'worker.cjs') },
  { name: '--require, worker of an ES module', args: preload('--require', 'worker.mjs') },
  { name: '--require, worker of CommonJS', args: preload('--require', 'worker.cjs'), quick: true },
  { name: '--import, fork', args: preload('--import', 'fork.mjs'), quick: true },
  { name: '--import, cluster', args: preload('--import', 'cluster.mjs'), quick: true },
  { name: '--require, cluster', args: preload('--require', 'cluster.mjs') },
  { name: 'initTracing() in main', args: [join(fixtures, 'in-code.mjs')], quick: true },
  { name: 'import keeptrace/register as the first line', args: [join(fixtures, 'first-import.mjs')], quick: true },
];

/** What one request of the fixtures makes, whatever the way in. */
const expected = [
  'client GET',
  'client GET',
  'client GET',
  'client S3.PutObject',
  'client SELECT',
  'server GET /orders/{id}',
];

export class RegisterBed {
  #receiver!: Receiver;
  #upstream!: Server;
  #database!: PGLiteSocketServer;
  #env!: Record<string, string>;

  async start(): Promise<void> {
    this.#receiver = await startReceiver();
    this.#upstream = createServer((request, response) => {
      request.resume();
      response.end();
    });
    await new Promise<void>((resolve) => this.#upstream.listen(0, '127.0.0.1', resolve));
    this.#database = new PGLiteSocketServer({ db: await PGlite.create(), host: '127.0.0.1', port: 0 });
    const databasePort = await new Promise<number>((resolve, reject) => {
      this.#database.addEventListener('listening', (event) =>
        resolve((event as CustomEvent<{ port: number }>).detail.port),
      );
      this.#database.start().catch(reject);
    });
    this.#env = {
      UPSTREAM: `http://127.0.0.1:${(this.#upstream.address() as AddressInfo).port}`,
      DATABASE_URL: `postgres://postgres:postgres@127.0.0.1:${databasePort}/postgres?sslmode=disable`,
      OTEL_EXPORTER_OTLP_ENDPOINT: this.#receiver.url,
      OTEL_SERVICE_NAME: 'matrix',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    };
  }

  async stop(): Promise<void> {
    await this.#receiver?.close();
    await this.#database?.stop();
    this.#upstream?.close();
  }

  /** Runs one case: one request, all spans of it in one trace, and a prompt end by the signal. */
  async run({ args }: RegisterCase, node?: string): Promise<void> {
    this.#receiver.clear();
    const app = runApp({ args, env: this.#env, ...(node === undefined ? {} : { node }) });
    const [, port, pid] = /on (\d+) in process (\d+)/.exec(await app.line(/listening on/)) ?? [];
    const answer = await fetch(`http://127.0.0.1:${port}/orders/42`);
    expect(await answer.text()).toBe('done');

    const isServer = (span: ReceivedSpan) => span.kind === 'server';
    const spans = await this.#receiver.waitFor(
      (received) => received.some(isServer) && received.length >= expected.length,
    );
    expect(spans.map((span) => `${span.kind} ${span.name}`).sort()).toEqual(expected);
    const entry = spans.find(isServer);
    expect(new Set(spans.map((span) => span.traceId))).toEqual(new Set([entry?.traceId]));
    expect(spans.filter((span) => span !== entry).map((span) => span.parentSpanId)).toEqual(
      Array(expected.length - 1).fill(entry?.spanId),
    );

    process.kill(Number(pid), 'SIGTERM');
    const { code, signal } = await app.exit;
    // Where the traced process is a child, its parent ends by itself when it is gone.
    expect({ code, signal }).toEqual(
      Number(pid) === app.child.pid ? { code: null, signal: 'SIGTERM' } : { code: 0, signal: null },
    );
    expect(app.stderr()).not.toMatch(/warning|deprecat|error/i);
  }
}
