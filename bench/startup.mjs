// Measures what a preload adds before the app's first line runs, side by side with the official one, and writes the
// table into docs/performance.md. Usage: node bench/startup.mjs [--runs 15] [--check]
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { median, option, table, writeSection } from './report.mjs';

const runs = Number(option('--runs', '15'));
const root = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'keeptrace-startup-'));
const app = join(folder, 'app.mjs');
writeFileSync(
  app,
  `const ms = performance.now();
   const tracing = globalThis[Symbol.for('opentelemetry.js.api.1')]?.trace !== undefined;
   process.stdout.write(JSON.stringify({ ms, mb: process.memoryUsage.rss() / 1e6, tracing }), () => process.kill(process.pid, 'SIGKILL'));`,
);

const auto = '@opentelemetry/auto-instrumentations-node/register';
// Traces only for all of them, and nothing listening: nothing is ever sent, since the app ends at its first line.
const shared = {
  PATH: process.env.PATH,
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_SERVICE_NAME: 'startup',
};
const rows = [
  { name: 'bare Node', args: [], env: {} },
  { name: '`--import keeptrace/register`', args: ['--import', 'keeptrace/register'], env: {} },
  { name: '`--require keeptrace/register`', args: ['--require', 'keeptrace/register'], env: {} },
  { name: `\`--import ${auto}\``, args: ['--import', auto], env: {} },
  {
    name: 'the same, only http, undici, pg and aws-sdk on',
    args: ['--import', auto],
    env: { OTEL_NODE_ENABLED_INSTRUMENTATIONS: 'http,undici,pg,aws-sdk' },
  },
].map((row) => ({ ...row, ms: [], mb: [] }));

// In turns, so that a slow minute of the machine hits all rows alike; the first round warms the file cache.
for (let round = 0; round <= runs; round++) {
  for (const row of rows) {
    const { stdout, stderr } = spawnSync(process.execPath, [...row.args, app], {
      cwd: root,
      env: { ...shared, ...row.env },
      encoding: 'utf8',
      timeout: 30_000,
    });
    if (stdout === '') throw new Error(`${row.name} printed nothing:\n${stderr}`);
    const { ms, mb, tracing } = JSON.parse(stdout);
    // What did not start was fast for nothing.
    if (tracing !== (row !== rows[0])) throw new Error(`${row.name}: tracing is ${tracing}:\n${stderr}`);
    if (round === 0) continue;
    row.ms.push(ms);
    row.mb.push(mb);
  }
  process.stderr.write(`\rround ${round} of ${runs}`);
}
process.stderr.write('\n');
rmSync(folder, { recursive: true });

const [bare, ours] = rows;
const official = rows[3];
const added = (row) => median(row.ms) - median(bare.ms);
const ratio = added(ours) / added(official);
const lines = table(
  ['preload', 'first line of the app at', 'added', 'relative to the official preload', 'RSS'],
  rows.map((row) => [
    row.name,
    `${median(row.ms).toFixed(0)} ms`,
    row === bare ? '' : `${added(row).toFixed(0)} ms`,
    row === bare ? '' : `${(added(row) / added(official)).toFixed(2)}×`,
    `${median(row.mb).toFixed(0)} MB`,
  ]),
);
writeSection(
  'startup',
  `Medians of ${runs} rounds in turns, Node ${process.versions.node}, \`node bench/startup.mjs\`.\n\n${lines}`,
);
console.log(lines);

if (process.argv.includes('--check') && !(ratio <= 0.8)) {
  console.error(`keeptrace adds ${ratio.toFixed(2)}× of what the official preload adds; the limit is 0.8×.`);
  process.exit(1);
}
