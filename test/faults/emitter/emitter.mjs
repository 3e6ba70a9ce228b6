// An app that makes spans by a plan and tells how it fared. It holds on to nothing that keeps a process alive.
import { readFileSync, writeSync } from 'node:fs';
import { finish } from './endings.mjs';
import { breakInside } from './inside.mjs';
import { createReporter } from './reporter.mjs';
import { startSdk } from './sdks.mjs';
import { work } from './work.mjs';

const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const reporter = createReporter(plan);
const inside = await breakInside(plan);
const startedAt = performance.now();
const sdk = await startSdk(plan);
reporter.started(sdk, performance.now() - startedAt);
inside.started();

const serve = await finish.prepare(plan, sdk, reporter);
writeSync(1, `ready ${serve}\n`);
reporter.watch();
await work(plan, sdk.api, reporter);
reporter.write('worked');
writeSync(1, 'worked\n');
await finish.end(plan, sdk, reporter);
