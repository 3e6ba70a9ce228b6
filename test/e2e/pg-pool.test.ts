import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { type App, runApp } from '../support/processes.ts';

let receiver: Receiver;
let database: PGLiteSocketServer;
let url: string;
beforeAll(async () => {
  receiver = await startReceiver();
  const db = await PGlite.create();
  await db.exec('CREATE TABLE apples (n int); CREATE TABLE pears (n int)');
  database = new PGLiteSocketServer({ db, host: '127.0.0.1', port: 0 });
  const port = await new Promise<number>((resolve, reject) => {
    database.addEventListener('listening', (event) => resolve((event as CustomEvent<{ port: number }>).detail.port));
    database.start().catch(reject);
  });
  url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres?sslmode=disable`;
});
afterAll(async () => {
  await receiver.close();
  await database.stop();
});

async function start(databaseUrl: string): Promise<{ app: App; port: string }> {
  receiver.clear();
  const app = runApp({
    args: ['--import', 'keeptrace/register', join(import.meta.dirname, 'fixtures/pg-pool.mjs')],
    env: {
      DATABASE_URL: databaseUrl,
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_SERVICE_NAME: 'pool',
      OTEL_BSP_SCHEDULE_DELAY: '50',
    },
  });
  return { app, port: /\d+$/.exec(await app.line(/listening on/))?.[0] ?? '' };
}

test('queries that waited for a pooled connection stay in the trace of their own request', async () => {
  const { app, port } = await start(url);
  const tables = ['apples', 'pears'];
  for (const answer of await Promise.all(tables.map((table) => fetch(`http://127.0.0.1:${port}/${table}`)))) {
    expect(await answer.text()).toBe('done');
  }
  const spans = await receiver.waitFor((received) => received.length >= 6);
  app.kill();
  await app.exit;

  for (const table of tables) {
    const entry = spans.find((span) => span.attributes['url.path'] === `/${table}`);
    const children = spans.filter((span) => span.parentSpanId === entry?.spanId && span.traceId === entry?.traceId);
    expect(children.map((span) => span.name).sort()).toEqual([`SELECT ${table}`, `UPDATE ${table}`]);
  }
  expect(spans).toHaveLength(6);
});

test('a connection that cannot be made is a span with the error, since no query span can tell of it', async () => {
  const { app, port } = await start('postgres://postgres:postgres@127.0.0.1:1/postgres');
  expect((await fetch(`http://127.0.0.1:${port}/apples`)).status).toBe(500);
  const spans = await receiver.waitFor((received) => received.some((span) => span.kind === 'server'));
  app.kill();
  await app.exit;
  const failed = spans.filter((span) => span.name === 'pg-pool.connect');
  expect(failed.length).toBeGreaterThan(0);
  expect(failed.every((span) => span.status.code === 'error')).toBe(true);
});
