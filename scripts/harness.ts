// npm run harness: eight services, thousands of faults, and the question what a tracing backend got to see of them.
// Usage: node scripts/harness.ts [--short | --queues] [--seed SEED] [--mutate NAME|all] [--link] [--write]
import { parseArgs } from 'node:util';
import { writeSection } from '../bench/report.mjs';
import type { Gate } from '../test/harness/gates.ts';
import { installPackage } from '../test/harness/install.ts';
import { mutationPreload, mutations } from '../test/harness/mutations.ts';
import { queuePhase, queueTable } from '../test/harness/phase-queue.ts';
import { runFull } from '../test/harness/profile-full.ts';
import { runShort } from '../test/harness/profile-short.ts';
import { freshSeed } from '../test/harness/random.ts';
import { faultTable, gateLines, summary } from '../test/harness/report.ts';
import { describeGraph } from '../test/harness/service/graph.ts';
import { createProgress } from './demo-progress.ts';

const { values } = parseArgs({
  options: {
    /** A few hundred requests, as in `npm test`. */
    short: { type: 'boolean', default: false },
    /** Only what is kept over queues. */
    queues: { type: 'boolean', default: false },
    /** Runs again what a report names. */
    seed: { type: 'string' },
    /** Breaks one mechanism; passes when a gate turns red. */
    mutate: { type: 'string' },
    /** Uses dist of this repository in place of the packed tarball. */
    link: { type: 'boolean', default: false },
    /** Writes the table into docs/sampling.md. */
    write: { type: 'boolean', default: false },
  },
});
const seed = values.seed ?? freshSeed();
const progress = createProgress(process.stderr);
const started = performance.now();
const install = installPackage(values.link);
console.log(`seed ${seed}, Node ${process.versions.node}, ${install.what}`);
let held = false;
try {
  if (values.mutate === undefined) {
    const gates = await (values.queues ? queues() : values.short ? short() : full());
    held = gates.every(({ ok }) => ok);
    const minutes = (performance.now() - started) / 60_000;
    console.log(`\n${gateLines(gates)}\n\nseed ${seed}, ${minutes.toFixed(1)} min`);
  } else {
    const names = values.mutate === 'all' ? Object.keys(mutations) : [values.mutate];
    held = true;
    for (const name of names) held = (await mutate(name)) && held;
  }
} finally {
  install.remove();
}
process.exitCode = held ? 0 : 1;

async function short(): Promise<Gate[]> {
  const say = (line: string) => console.error(line);
  const run = await runShort({ install, seed, say });
  console.log(`${describeGraph(run.graph).join('\n')}\n\n${summary([run.main])}\n\n${faultTable([run.main])}`);
  for (const { name, run: control } of run.controls) console.log(`\n${name}\n\n${faultTable([control])}`);
  return run.gates;
}

async function full(): Promise<Gate[]> {
  const run = await runFull({ install, seed, begin });
  progress.end();
  for (const graph of run.graphs) console.log(`\n${describeGraph(graph).join('\n')}`);
  const overQueues = await queues();
  const parts = [
    `${summary(run.main)}.\n\n${faultTable([...run.main, run.kill])}`,
    `With \`KEEPTRACE_SLOW_DEADLINE=true\`:\n\n${faultTable([run.deadline])}`,
    ...run.controls.map(({ name, run: control }) => `For comparison, ${name}:\n\n${faultTable([control])}`),
  ];
  const text = parts.join('\n\n');
  console.log(`\n${text}`);
  if (values.write) {
    const gates = run.gates.map(({ id, ok, says }) => `- ${id} ${ok ? 'held' : '**missed**'}: ${says.split('\n')[0]}`);
    const head = `Seed \`${seed}\`, Node ${process.versions.node}, \`npm run harness -- --write\`. In brackets: the lower end of the 95 % interval.`;
    writeSection('harness', `${head}\n\n${text}\n\n${gates.join('\n')}`, 'sampling.md');
  }
  return [...run.gates, ...overQueues];
}

async function queues(): Promise<Gate[]> {
  const requests = 3_000;
  const { rows, gates } = await queuePhase({ seed, requests, preload: [] });
  const head = `Seed \`${seed}\`, Node ${process.versions.node}, \`npm run harness -- --queues --write\`; ${requests} requests.`;
  const text = `${head}\n\n${queueTable(rows)}`;
  console.log(`\n${text}`);
  if (values.write) writeSection('queues', text, 'messaging.md');
  return gates;
}

function begin(title: string): (done: number) => void {
  progress.end();
  const at = ((performance.now() - started) / 1000).toFixed(0).padStart(4);
  process.stderr.write(`${at} s  ${title}\n`);
  return (done) => {
    if (process.stderr.isTTY) process.stderr.write(`\r        ${done}`);
  };
}

/** @returns whether a gate turned red that must */
async function mutate(name: string): Promise<boolean> {
  const run = await runShort({ install, seed, preload: [mutationPreload(name)], controls: false });
  const { says, red } = mutations[name]!;
  const failed = run.gates.filter(({ ok }) => !ok);
  const seen = failed.some(({ id }) => red.includes(id));
  console.log(`${seen ? ' ok ' : 'FAIL'} ${name}: ${says}; must be seen by ${red.join(' or ')}`);
  console.log(`${gateLines(failed).replaceAll(/^/gm, '       ')}`);
  return seen;
}
