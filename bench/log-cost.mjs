// Measures what trace ids cost per log line: plain, with constant fields, with keeptrace, with the official instrumentations
// as they come and with their log sending off. Writes the table into docs/logs.md.
// Usage: node bench/log-cost.mjs [--rounds 15] [--lines 20000]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { median, option, table, writeSection } from './report.mjs';

const require = createRequire(import.meta.url);
const rounds = Number(option('--rounds', '15'));
const lines = option('--lines', '20000');
const WARM_UP_ROUNDS = 4;
const child = fileURLToPath(new URL('log-cost/child.cjs', import.meta.url));
const stock = ['--require', fileURLToPath(new URL('log-cost/stock.cjs', import.meta.url))];
const ways = [
  { name: 'plain', flags: [], env: {} },
  { name: 'the same fields by hand', mode: 'by-hand', flags: [], env: {} },
  {
    name: 'keeptrace',
    flags: ['--require', 'keeptrace/register'],
    env: { OTEL_TRACES_EXPORTER: 'none', OTEL_LOG_LEVEL: 'none', KEEPTRACE_LOG_CONSOLE: 'true' },
  },
  { name: 'official', flags: stock, env: { STOCK: 'default' } },
  { name: 'official, sending off', flags: stock, env: { STOCK: 'off' } },
];
const loggers = [
  ['pino', ways],
  ['winston', ways],
  ['bunyan', ways],
  ['console', ways.slice(0, 3)],
];

const rows = [];
for (const [logger, ofLogger] of loggers) rows.push([logger, await measure(logger, ofLogger)]);

const added = (way, plain) => median(way.ns.map((ns, round) => ns - plain.ns[round]));
const us = (ns) => `${(ns / 1_000).toFixed(2)} µs`;
const text = table(
  ['CPU per line', 'plain', ...ways.slice(1).map(({ name }) => `${name} add${name.endsWith('hand') ? '' : 's'}`)],
  rows.map(([logger, [plain, ...others]]) => [
    logger === 'console' ? logger : `${logger} ${require(`${logger}/package.json`).version}`,
    us(median(plain.ns)),
    ...ways.slice(1).map((_, at) => {
      const way = others[at];
      if (way === undefined) return '–';
      return way.ids ? us(added(way, plain)) : `${us(added(way, plain))}, no ids`;
    }),
  ]),
);
writeSection(
  'cost',
  `Medians of ${rounds} rounds of ${lines} lines in turns, Node ${process.versions.node}, \`node bench/log-cost.mjs\`.\n\n${text}`,
  'logs.md',
);
console.log(text);

/** In turns, so that a slow minute of the machine hits all alike. */
async function measure(logger, ofLogger) {
  const processes = await Promise.all(
    ofLogger.map(async ({ mode = 'plain', flags, env }) => {
      const started = fork(child, [logger, lines, mode], {
        cwd: fileURLToPath(new URL('..', import.meta.url)),
        execArgv: [...flags, '--expose-gc'],
        env: { PATH: process.env.PATH, OTEL_SERVICE_NAME: 'bench', ...env },
      });
      await once(started, 'message');
      return { started, ns: [], ids: false };
    }),
  );
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
    for (const one of processes) {
      const answer = once(one.started, 'message');
      one.started.send('round');
      const [{ ns, ids }] = await answer;
      one.ids = ids;
      if (round >= WARM_UP_ROUNDS) one.ns.push(ns);
    }
    process.stderr.write(`\r${logger}: round ${round + 1} of ${WARM_UP_ROUNDS + rounds} `);
  }
  process.stderr.write('\n');
  for (const { started } of processes) started.kill('SIGKILL');
  const [plain, , ours] = processes;
  if (plain.ids || !ours.ids)
    throw new Error(`${logger}: ids are ${plain.ids} without tracing and ${ours.ids} with it`);
  return processes;
}
