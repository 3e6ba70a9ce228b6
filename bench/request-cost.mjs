// Measures what tracing adds to the CPU time of a request, side by side with the official SDK, and writes the table into
// docs/performance.md. Usage: node bench/request-cost.mjs [--rounds 25] [--requests 600] [--rate 600]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { median, option, table, writeSection } from './report.mjs';

const rounds = Number(option('--rounds', '25'));
const requests = Number(option('--requests', '600'));
/** A second: well below what the machine can do, so that no exporter has to drop. */
const rate = Number(option('--rate', '600'));
const AT_ONCE = 8;
const WARM_UP_ROUNDS = 5;
const root = fileURLToPath(new URL('..', import.meta.url));
const script = (name) => fileURLToPath(new URL(`request-cost/${name}`, import.meta.url));
const start = (file, env, execArgv = []) =>
  fork(file, {
    cwd: root,
    execArgv,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
const ask = async (child) => {
  const answer = once(child, 'message');
  child.send('report');
  return (await answer)[0];
};

const backend = start(script('backend.mjs'), {});
const [{ ports }] = await once(backend, 'message');
const env = {
  NODE_ENV: 'production',
  PGPORT: String(ports.postgres),
  NEIGHBOUR: `http://127.0.0.1:${ports.neighbour}`,
  OTEL_SERVICE_NAME: 'bench',
  OTEL_METRICS_EXPORTER: 'none',
  OTEL_LOGS_EXPORTER: 'none',
  OTEL_LOG_LEVEL: 'error',
};
const official = ['--require', script('official.cjs')];
const head = (ratio) => ({ OTEL_TRACES_SAMPLER: 'parentbased_traceidratio', OTEL_TRACES_SAMPLER_ARG: ratio });
const variants = [
  { name: 'no tracing', execArgv: [] },
  { name: 'official SDK, head 10 %', execArgv: official, env: head('0.1') },
  { name: 'official SDK, head 100 %', execArgv: official, env: head('1') },
  { name: '**keeptrace**, everything recorded, 10 % exported', execArgv: ['--require', 'keeptrace/register'] },
].map((variant) => ({ ...variant, cpu: [], rss: 0 }));
for (const [at, variant] of variants.entries()) {
  const endpoint = `http://127.0.0.1:${ports.collector}/${at}`;
  const given = { ...env, ...variant.env, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  variant.child = start(script('service.cjs'), given, variant.execArgv);
  [{ port: variant.port }] = await once(variant.child, 'message');
}

// In turns, so that a slow minute of the machine hits all alike. The time of a variant runs from the start of its turn
// to the start of its next one, so that what it exports while the others have theirs counts, too.
for (let round = 0; round <= WARM_UP_ROUNDS + rounds; round++) {
  for (const variant of variants) {
    const { cpu, rss } = await ask(variant.child);
    const spent = cpu.user + cpu.system;
    if (round > WARM_UP_ROUNDS) variant.cpu.push((spent - variant.spent) / requests);
    variant.spent = spent;
    variant.rss = rss;
    if (round < WARM_UP_ROUNDS + rounds) await load(variant.port);
  }
  process.stderr.write(`\rround ${round} of ${WARM_UP_ROUNDS + rounds}`);
}
process.stderr.write('\n');
const { bytes } = await ask(backend);
if (process.argv.includes('--verbose')) {
  for (const { name, cpu } of variants) console.log(name, cpu.map((value) => value.toFixed(0)).join(' '));
}
for (const { child } of variants) child.kill('SIGKILL');
backend.kill('SIGKILL');

const [bare, head10, head100, ours] = variants;
for (const [at, variant] of variants.entries()) {
  variant.sent = (bytes[at] ?? 0) / ((WARM_UP_ROUNDS + rounds) * requests);
  if (variant.sent > 0 !== (variant !== bare))
    throw new Error(`${variant.name} sent ${variant.sent} bytes per request`);
}
// Round by round: what slows the machine down for a second slows the neighbours in the row down, too.
const added = (variant) => median(variant.cpu.map((value, round) => value - bare.cpu[round]));
const ratio = (variant, to) => `${(added(variant) / added(to)).toFixed(2)}×`;
const lines = table(
  ['', 'CPU per request', 'added', 'of official at 10 %', 'of official at 100 %', 'sent per request', 'RSS'],
  variants.map((variant) => [
    variant.name,
    `${median(variant.cpu).toFixed(0)} µs`,
    ...(variant === bare
      ? ['', '', '']
      : [`${added(variant).toFixed(0)} µs`, ratio(variant, head10), ratio(variant, head100)]),
    `${variant.sent.toFixed(0)} B`,
    `${(variant.rss / 1e6).toFixed(0)} MB`,
  ]),
);
writeSection(
  'request',
  `Medians of ${rounds} rounds of ${requests} requests at ${rate}/s in turns, Node ${process.versions.node}, \`node bench/request-cost.mjs\`.\n\n${lines}`,
);
console.log(lines);
console.log(
  `keeptrace adds ${ratio(ours, head10)} of what the official SDK adds at head 10 %, ${ratio(ours, head100)} of 100 %`,
);

async function load(port) {
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  const started = performance.now();
  let next = 0;
  const lane = async () => {
    while (next < requests) {
      const at = next++;
      const ahead = started + (at * 1000) / rate - performance.now();
      if (ahead > 1) await sleep(ahead);
      await send(`http://127.0.0.1:${port}/orders/${at}`, agent);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  agent.destroy();
}

function send(url, agent) {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url} answered ${response.statusCode}`));
      response.resume();
      response.on('end', resolve);
    }).on('error', reject);
  });
}
