// Measures what exporting adds to the CPU time of a span, side by side with the official batch processor and protobuf
// exporter, and writes the table into docs/performance.md. Usage: node bench/export-cost.mjs [--sets 5] [--rounds 5] [--spans 4000]
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { median, option, table, writeSection } from './report.mjs';

/** Fresh processes: what a compiler makes of a process in its first seconds stays, and is not the same each time. */
const sets = Number(option('--sets', '5'));
const rounds = Number(option('--rounds', '5'));
const spans = Number(option('--spans', '4000'));
/** A second: as fast as the official exporter can take them one batch at a time without dropping any. */
const rate = Number(option('--rate', '4000'));
const WARM_UP_ROUNDS = 4;

const start = async (file, args = []) => {
  const path = fileURLToPath(new URL(`export-cost/${file}`, import.meta.url));
  const env = { PATH: process.env.PATH };
  const child = fork(path, args, { env, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  child.once('exit', (code) => {
    if (code) throw new Error(`${file} ${args} ended with ${code}`);
  });
  const [message] = await once(child, 'message');
  return { child, message };
};

const collector = await start('collector.mjs');
const url = `http://127.0.0.1:${collector.message.port}`;
const variants = [
  { name: 'spans alone, nothing exported', kind: 'none' },
  { name: 'official, protobuf', kind: 'official' },
  { name: '**keeptrace**, protobuf', kind: 'ours', to: 'official' },
  { name: 'official, protobuf and gzip', kind: 'official-gzip' },
  { name: '**keeptrace**, protobuf and gzip', kind: 'ours-gzip', to: 'official-gzip' },
].map((variant) => ({ ...variant, cpu: [] }));

for (let set = 0; set < sets; set++) {
  for (const variant of variants) {
    variant.child = (await start('child.mjs', [variant.kind, `${url}/${variant.kind}`])).child;
  }
  // In turns, so that a slow minute of the machine hits all alike.
  for (let round = 0; round < WARM_UP_ROUNDS + rounds; round++) {
    for (const { child, cpu } of variants) {
      const answer = once(child, 'message');
      child.send({ spans, rate });
      const [{ cpu: spent }] = await answer;
      if (round >= WARM_UP_ROUNDS) cpu.push(spent / spans);
    }
    process.stderr.write(`\rset ${set + 1} of ${sets}, round ${round + 1} of ${WARM_UP_ROUNDS + rounds}  `);
  }
  // They end by themselves then, and look whether all was accepted.
  for (const { child } of variants) {
    const ended = once(child, 'exit');
    child.disconnect();
    await ended;
  }
}
process.stderr.write('\n');
const counted = once(collector.child, 'message');
collector.child.send('report');
const [seen] = await counted;
collector.child.kill('SIGKILL');

const [bare] = variants;
const total = sets * (WARM_UP_ROUNDS + rounds) * spans;
const added = (variant) => variant.cpu.map((value, round) => value - bare.cpu[round]);
const quantile = (values, share) => [...values].sort((a, b) => a - b)[Math.round((values.length - 1) * share)];

/** Round by round, with the range of the middle half. */
function ratio(variant) {
  const to = variants.find(({ kind }) => kind === variant.to);
  const other = added(to);
  const ratios = added(variant).map((value, round) => value / other[round]);
  const range = [0.25, 0.75].map((share) => quantile(ratios, share).toFixed(2)).join('–');
  return `${(median(added(variant)) / median(other)).toFixed(2)}× (${range})`;
}

const lines = table(
  ['', 'CPU per span', 'added by exporting', 'of the official one', 'sent per span', 'spans per request'],
  variants.map((variant) => [
    variant.name,
    `${median(variant.cpu).toFixed(1)} µs`,
    variant === bare ? '' : `${median(added(variant)).toFixed(1)} µs`,
    variant.to ? ratio(variant) : '',
    variant === bare ? '' : `${(seen[`/${variant.kind}`].bytes / total).toFixed(0)} B`,
    variant === bare ? '' : (total / seen[`/${variant.kind}`].requests).toFixed(0),
  ]),
);
writeSection(
  'export',
  `Medians of ${rounds} rounds in each of ${sets} fresh processes, ${spans} spans at ${rate}/s in turns, in brackets the middle half, Node ${process.versions.node}, \`node bench/export-cost.mjs\`.\n\n${lines}`,
);
console.log(lines);
