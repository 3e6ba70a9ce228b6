// What the shop stands on: a built keeptrace and a Postgres. All on loopback, all gone at the end.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { PGLiteSocketServer } from '@electric-sql/pglite-socket';
import pg from 'pg';

const TABLES = `
  CREATE TABLE orders (id serial PRIMARY KEY, customer text, item text, cents int, status text);
  CREATE TABLE shipments (id serial PRIMARY KEY, order_id int, item text);
  CREATE TABLE receipts (id serial PRIMARY KEY, order_id int, text text);
  CREATE TABLE notices (id serial PRIMARY KEY, order_id int, customer text);
`;

export interface Backend {
  /** For the log. */
  label: string;
  /** Given to every service. */
  env: Record<string, string>;
  close(): Promise<void>;
}

/** Builds `dist` when it is missing or older than a source file. Returns whether it did. */
export function buildIfNeeded(root: string): boolean {
  // What the build writes last: one that failed half-way does not count.
  const built = join(root, 'dist/cjs/package.json');
  const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' });
  const changed = Math.max(...files.map((name) => statSync(join(root, 'src', name)).mtimeMs));
  if (existsSync(built) && statSync(built).mtimeMs >= changed) return false;
  execFileSync(process.execPath, [join(root, 'scripts/build.mjs')], { stdio: ['ignore', 2, 2] });
  return true;
}

export function startPostgres(): Promise<Backend> {
  const url = process.env.DATABASE_URL;
  return url ? useServer(url) : useEmbedded();
}

async function useEmbedded(): Promise<Backend> {
  const db = await PGlite.create();
  await db.exec(TABLES);
  // The services hold several connections; the socket server lets them take turns at the one database.
  const server = new PGLiteSocketServer({ db, port: 0, maxConnections: 20 });
  await server.start();
  return {
    label: 'Postgres (PGlite, in this process)',
    env: { DATABASE_URL: `postgres://postgres:postgres@${server.getServerConn()}/postgres` },
    async close() {
      await server.stop();
      await db.close();
    },
  };
}

/** Works in a schema of its own, so that nothing of the given database is touched. */
async function useServer(url: string): Promise<Backend> {
  const schema = `keeptrace_demo_${process.pid}`;
  const run = async (sql: string) => {
    const client = new pg.Client(url);
    await client.connect().catch((error: Error) => {
      throw new Error(`the database of DATABASE_URL cannot be reached: ${error.message}`);
    });
    await client.query(sql).finally(() => client.end());
  };
  await run(`CREATE SCHEMA ${schema}; SET search_path TO ${schema}; ${TABLES}`);
  return {
    label: 'Postgres (DATABASE_URL)',
    env: { DATABASE_URL: url, PGOPTIONS: `-c search_path=${schema}` },
    close: () => run(`DROP SCHEMA ${schema} CASCADE`),
  };
}
