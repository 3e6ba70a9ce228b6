// npm run harness: eight services, thousands of faults, and the question what a tracing backend got to see of them.
import { parseArgs } from 'node:util';
import { installPackage } from '../test/harness/install.ts';
import { runShort } from '../test/harness/profile-short.ts';
import { freshSeed } from '../test/harness/random.ts';
import { faultTable, gateLines, summary } from '../test/harness/report.ts';
import { describeGraph } from '../test/harness/service/graph.ts';

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    link: { type: 'boolean', default: false },
    short: { type: 'boolean', default: false },
  },
});
const seed = values.seed ?? freshSeed();
console.log(`seed ${seed}`);
const install = installPackage(values.link);
console.log(install.what);
const run = await runShort({ install, seed, say: console.log });
install.remove();
console.log(describeGraph(run.graph).join('\n'));
console.log(`\n${summary([run.main])}\n\n${faultTable([run.main])}`);
for (const control of run.controls) console.log(`\n${control.name}\n${faultTable([control.run])}`);
console.log(`\n${gateLines(run.gates)}`);
process.exitCode = run.gates.every(({ ok }) => ok) ? 0 : 1;
