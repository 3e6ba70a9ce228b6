// npm run demo: a shop of three services without a line of tracing in them, the traces that come out, and the viewer.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Backend, buildIfNeeded, startPostgres } from './demo-backends.ts';
import { startMessaging } from './demo-messaging.ts';
import { createProgress } from './demo-progress.ts';
import { readStory, storyText, summaryText } from './demo-report.ts';
import { killAll, type Service, startService } from './demo-service.ts';
import { driveTraffic } from './demo-traffic.ts';
import { startDemoViewer, waysIn } from './demo-viewer.ts';

const USAGE = 'npm run demo [-- --requests <number, at least 24; default 300>] [--exit]';
const DEADLINE_MS = 120_000;

const root = fileURLToPath(new URL('..', import.meta.url));
const progress = createProgress(process.stdout);
const backends: Backend[] = [];

/** @param stays whether the viewer goes on when the demo is done */
async function demo(requests: number, stays: boolean): Promise<void> {
  progress.step('Building keeptrace', () => buildIfNeeded(root));
  const viewer = await progress.step('Starting the viewer', () => startDemoViewer(stays));
  backends.push(await progress.step('Starting Postgres', startPostgres));
  backends.push(await progress.step('Starting SNS, SQS and EventBridge', startMessaging));

  const env = Object.assign({ OTEL_EXPORTER_OTLP_ENDPOINT: viewer.url }, ...backends.map((backend) => backend.env));
  const services = await progress.step('Starting shop-api, payments and worker', () => startShop(env));
  const [shop, , worker] = services;

  const traffic = await driveTraffic(`http://127.0.0.1:${shop.port}`, requests, (done) =>
    progress.bar('Shopping', done, requests),
  );
  await progress.step('Waiting for the worker', () =>
    Promise.all([
      worker.printed(/^shipped order/, traffic.paid),
      worker.printed(/^told the customer/, traffic.paid),
      worker.printed(/^filed the receipt/, traffic.paid - traffic.poisoned),
      worker.printed(/^gave up on the receipt/, traffic.poisoned),
    ]),
  );
  const times = await progress.step('Stopping the services with SIGTERM', () =>
    Promise.all(services.map((service) => service.stop())),
  );

  const { spans } = viewer;
  const story = readStory(spans, traffic);
  console.log(
    `\n${storyText(story, process.stdout.isTTY && process.stdout.hasColors())}\n\n${summaryText(story, spans, traffic)}`,
  );
  console.log(`All three services ended by SIGTERM, the last after ${Math.round(Math.max(...times))} ms`);

  await closeBackends();
  if (!stays) return viewer.close();
  clearTimeout(deadline);
  process.removeAllListeners('SIGINT').once('SIGINT', () => process.exit(0));
  console.log(`\n${waysIn(viewer.url, story)}`);
}

async function closeBackends(): Promise<void> {
  for (const backend of backends.splice(0)) await backend.close();
}

async function startShop(env: Record<string, string>): Promise<[Service, Service, Service]> {
  const payments = await startService('payments', /^payments listening on (\d+)$/, env, root);
  const shopEnv = { ...env, PAYMENTS_URL: `http://127.0.0.1:${payments.port}` };
  const [shop, worker] = await Promise.all([
    startService('shop-api', /^shop-api listening on (\d+)$/, shopEnv, root),
    startService('worker', /^worker is polling$/, shopEnv, root),
  ]);
  return [shop, payments, worker];
}

function readOptions(): { requests: number; exit: boolean } {
  const { values } = parseArgs({
    options: { requests: { type: 'string', default: '300' }, exit: { type: 'boolean', default: false } },
  });
  const requests = Number(values.requests);
  if (!Number.isInteger(requests) || requests < 24) throw new Error(`--requests ${values.requests}? ${USAGE}`);
  return { requests, exit: values.exit };
}

/** Also on the way out after a failure: a schema in the user's own database must not stay behind. */
async function fail(error: unknown, exitCode = 1): Promise<void> {
  killAll();
  progress.end();
  console.error(`\nThe demo failed: ${error instanceof Error ? error.message : String(error)}`);
  setTimeout(() => process.exit(exitCode), 5000).unref();
  await closeBackends().catch(() => {});
  process.exit(exitCode);
}

process.on('exit', killAll);
process.once('SIGINT', () => fail('interrupted', 130));
const deadline = setTimeout(() => fail(`not done after ${DEADLINE_MS / 1000} s`), DEADLINE_MS).unref();
try {
  const { requests, exit } = readOptions();
  await demo(requests, process.stdout.isTTY && !exit);
} catch (error) {
  await fail(error);
}
