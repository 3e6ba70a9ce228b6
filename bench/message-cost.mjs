// Measures what processMessage costs per message, against the bare handler, and writes the table into
// docs/performance.md. Usage: node bench/message-cost.mjs [--rounds 15] [--messages 20000]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { median, option, table, writeSection } from './report.mjs';

const rounds = Number(option('--rounds', '15'));
const messages = Number(option('--messages', '20000'));
const WARM_UP_ROUNDS = 3;

const received = {};
const collector = createServer((request, response) => {
  const variant = request.url.split('/')[1];
  request.on('data', (chunk) => {
    received[variant] = (received[variant] ?? 0) + chunk.length;
  });
  request.on('end', () => response.end());
});
await new Promise((resolve) => collector.listen(0, '127.0.0.1', resolve));
const endpoint = `http://127.0.0.1:${collector.address().port}`;

const preload = ['--require', 'keeptrace/register'];
const variants = [
  { name: 'bare handler', mode: 'bare', flags: [] },
  { name: '`processMessage`, tracing off', mode: 'process', flags: [] },
  { name: '`processMessage`, 10 % exported', mode: 'process', flags: preload },
  { name: '`processMessage`, 10 % exported, every option given', mode: 'full', flags: preload },
  { name: '`withSpan` around the bare handler, for comparison', mode: 'span', flags: preload },
].map((variant) => ({ ...variant, ns: [] }));

const child = fileURLToPath(new URL('message-cost/child.mjs', import.meta.url));
for (const [at, variant] of variants.entries()) {
  variant.child = fork(child, [variant.mode, String(messages)], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    execArgv: [...variant.flags, '--expose-gc'],
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      OTEL_SERVICE_NAME: 'bench',
      OTEL_LOG_LEVEL: 'error',
      OTEL_EXPORTER_OTLP_ENDPOINT: `${endpoint}/${at}`,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(variant.child, 'message');
}

const ask = async ({ child }, what) => {
  const answer = once(child, 'message');
  child.send(what);
  return (await answer)[0];
};

// In turns, so that a slow minute of the machine hits all alike. The time of a variant runs from the start of its turn to
// the start of its next one, so that what it decides and exports while the others have theirs counts, too.
for (let round = 0; round <= WARM_UP_ROUNDS + rounds; round++) {
  for (const variant of variants) {
    const { spent } = await ask(variant, 'spent');
    if (round > WARM_UP_ROUNDS) variant.ns.push((spent - variant.spent) / messages);
    variant.spent = spent;
    if (round < WARM_UP_ROUNDS + rounds) await ask(variant, 'round');
  }
  process.stderr.write(`\rround ${round} of ${WARM_UP_ROUNDS + rounds}`);
}
process.stderr.write('\n');
for (const variant of variants) variant.child.kill('SIGKILL');
collector.close();
collector.closeAllConnections();

for (const [at, { name, flags }] of variants.entries()) {
  const bytes = received[at] ?? 0;
  if (bytes > 0 !== flags.length > 0) throw new Error(`${name} sent ${bytes} bytes`);
}
const [bare, off] = variants;
const added = (variant) => median(variant.ns.map((value, round) => value - bare.ns[round]));
const us = (ns) => (ns < 1_000 ? `${ns.toFixed(0)} ns` : `${(ns / 1_000).toFixed(1)} µs`);
const lines = table(
  ['', 'CPU per message', 'added', 'of a message of 1 ms'],
  variants.map((variant) => [
    variant.name,
    us(median(variant.ns)),
    ...(variant === bare ? ['', ''] : [us(added(variant)), `${(added(variant) / 10_000).toFixed(2)} %`]),
  ]),
);
writeSection(
  'message',
  `Medians of ${rounds} rounds of ${messages} messages in turns, Node ${process.versions.node}, \`node bench/message-cost.mjs\`.\n\n${lines}`,
);
console.log(lines);
console.log(`tracing off adds ${us(added(off))} to a message`);
