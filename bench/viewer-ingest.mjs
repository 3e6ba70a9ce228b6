// Measures how fast the viewer takes spans, what it costs in memory, and how it answers meanwhile, beside the nearest
// viewer on npm, which is installed into a temporary folder. Writes the table into docs/viewer.md.
// Usage: node bench/viewer-ingest.mjs [--rounds 3] [--batches 200]
import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { median, option, table, writeSection } from './report.mjs';
import { batches, SPANS_OF_A_BATCH } from './viewer-ingest/input.mjs';

const rounds = Number(option('--rounds', '3'));
const count = Number(option('--batches', '200'));
const RIVAL = 'autotel-devtools@27.1.0';
const HELD = 500;
const PARALLEL = 4;
const LOOK_EVERY_MS = 25;

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'keeptrace-viewer-'));
writeFileSync(join(folder, 'package.json'), '{ "private": true }');
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
execFileSync('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--silent', RIVAL], {
  cwd: folder,
  stdio: ['ignore', 'ignore', 'inherit'],
});

const plain = batches(count);
const gzipped = plain.map((body) => gzipSync(body));
const cli = join(root, 'dist/esm/cli.js');
const rivalCli = join(folder, 'node_modules/autotel-devtools/dist/cli.js');
const ours = {
  script: cli,
  args: (port) => ['dev', '--port', `${port}`, '--limit', `${HELD}`],
  list: '/api/traces?limit=1',
};
const theirs = {
  script: rivalCli,
  args: (port, other) => ['--port', `${port}`, '--grpc-port', `${other}`, '--max-traces', `${HELD}`],
  list: '/v1/traces',
};
const rows = [
  { name: '`keeptrace dev`', ...ours, bodies: plain },
  { name: `\`${RIVAL}\``, ...theirs, bodies: plain },
  { name: '`keeptrace dev`, gzip', ...ours, bodies: gzipped, gzip: true },
  { name: `\`${RIVAL}\`, gzip`, ...theirs, bodies: gzipped, gzip: true },
].map((row) => ({ ...row, rate: [], ready: [], idle: [], peak: [], looks: [], refused: 0 }));

for (let round = 0; round < rounds; round++) {
  // In turns, so that a slow minute of the machine hits all alike.
  for (const row of rows) {
    if (row.refused > 0) continue;
    process.stderr.write(`round ${round + 1} of ${rounds}: ${row.name}\n`);
    await measure(row);
  }
}

async function measure(row) {
  const [port, other] = [await freePort(), await freePort()];
  const started = performance.now();
  const child = spawn(process.execPath, [row.script, ...row.args(port, other)], {
    cwd: folder,
    env: { PATH: process.env.PATH, HOME: folder },
    stdio: 'ignore',
  });
  try {
    const agent = new Agent({ keepAlive: true });
    await answers(port);
    row.ready.push(performance.now() - started);
    row.idle.push(memory(child.pid).now);

    const half = row.bodies.length / 2;
    const begin = performance.now();
    await sendAll(row, row.bodies.slice(0, half), port, agent);
    const seconds = (performance.now() - begin) / 1000;
    if (row.refused > 0) return;
    row.rate.push((half * SPANS_OF_A_BATCH) / seconds);

    let done = false;
    const looking = look(port, () => done);
    await sendAll(row, row.bodies.slice(half), port, agent);
    done = true;
    row.looks.push(...(await looking));
    row.peak.push(memory(child.pid).peak);
    agent.destroy();
  } finally {
    child.kill('SIGKILL');
  }
}

async function sendAll(row, bodies, port, agent) {
  let next = 0;
  const sender = async () => {
    while (next < bodies.length && row.refused === 0) {
      const status = await post(port, bodies[next++], row.gzip, agent).catch((error) => {
        // One that has refused a body may end the connection under the next.
        if (row.refused > 0) return row.refused;
        throw error;
      });
      if (status !== 200) row.refused = status;
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, sender));
  // What is answered before it is stored would be fast for nothing.
  if (row.refused === 0) await holds(port, row);
}

async function holds(port, row) {
  const wanted = row.list === theirs.list ? /"traceId"/ : /"held":[1-9]/;
  for (let tries = 0; tries < 200; tries++) {
    const { text } = await get(port, row.list);
    if (wanted.test(text)) return;
  }
  throw new Error(`${row.name} holds no trace at the end`);
}

/** How long the smallest question waits while spans come in. */
async function look(port, isDone) {
  const times = [];
  while (!isDone()) {
    const begin = performance.now();
    await get(port, '/healthz');
    times.push(performance.now() - begin);
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
  return times;
}

async function answers(port) {
  for (;;) {
    const ok = await get(port, '/healthz').catch(() => undefined);
    if (ok?.status === 200) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

function get(port, path) {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode, text }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

function post(port, body, gzip, agent) {
  const headers = { 'content-type': 'application/x-protobuf', ...(gzip ? { 'content-encoding': 'gzip' } : {}) };
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/v1/traces', method: 'POST', headers, agent },
      (response) => {
        response.resume().on('end', () => resolve(response.statusCode));
      },
    );
    sent.on('error', reject);
    sent.end(body);
  });
}

/** MB, from Linux's own books. */
function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const of = (key) => (Number(new RegExp(`${key}:\\s+(\\d+)`).exec(status)[1]) * 1024) / 1e6;
  return { now: of('VmRSS'), peak: of('VmHWM') };
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

function bytesOf(path) {
  const entry = statSync(path);
  if (!entry.isDirectory()) return entry.size;
  return readdirSync(path).reduce((sum, name) => sum + bytesOf(join(path, name)), 0);
}

const percentile = (values, share) => [...values].sort((a, b) => a - b)[Math.ceil(values.length * share) - 1] ?? 0;
const number = (value, digits = 0) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
const lines = table(
  ['viewer', 'ready after', 'RSS idle', 'spans a second', 'RSS at most', '`/healthz` meanwhile, median', '99 of 100'],
  rows.map((row) =>
    row.refused > 0
      ? [row.name, '', '', `refused, ${row.refused}`, '', '', '']
      : [
          row.name,
          `${number(median(row.ready))} ms`,
          `${number(median(row.idle))} MB`,
          number(median(row.rate)),
          `${number(median(row.peak))} MB`,
          `${number(median(row.looks), 1)} ms`,
          `${number(percentile(row.looks, 0.99), 1)} ms`,
        ],
  ),
);
const spans = number((count / 2) * SPANS_OF_A_BATCH);
const rivalMb = number(bytesOf(join(folder, 'node_modules')) / 1e6);
writeSection(
  'ingest',
  `Medians of ${rounds} rounds in turns: ${spans} spans in ${number(((count / 2) * SPANS_OF_A_BATCH) / 20)} traces, protobuf, ${SPANS_OF_A_BATCH} spans a request, ` +
    `${PARALLEL} requests at a time, the last ${HELD} traces held; then as many again while \`/healthz\` is asked every ` +
    `${LOOK_EVERY_MS} ms. Node ${process.versions.node}, ` +
    `\`npm run bench:viewer\`. \`${RIVAL}\` with its dependencies is ${rivalMb} MB installed.\n\n${lines}`,
  'viewer.md',
);
console.log(lines);
process.exit(0);
