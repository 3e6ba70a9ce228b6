// Case 42 at real brokers: RabbitMQ, NATS, Redis with BullMQ, and Kafka, with the clients that people use, from an ES module,
// from CommonJS and from one file made by esbuild. The shapes of headers alone are in test/messaging/carriers.test.ts.
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { type ReceivedSpan, type Receiver, startReceiver } from '../../src/receiver/server.ts';
import { spanTree } from '../../src/testing/span-tree.ts';
import { type Broker, type BrokerName, missing, startBroker } from '../support/brokers.ts';
import { type Bundle, bundle } from '../support/bundle.ts';
import { runApp } from '../support/processes.ts';

const names: BrokerName[] = ['rabbitmq', 'nats', 'redis', 'kafka'];
const builds = ['app.mjs', 'app.cjs', 'a bundle'] as const;
const required = process.env.ALL_BROKERS === '1';
const here = names.filter((name) => missing(name) === undefined);

interface Outcome {
  broker: BrokerName;
  left: number;
  seen: { id: string; attempt: number; own: Record<string, unknown>; tenant?: string }[];
}
interface Run {
  outcomes: Outcome[];
  spans: ReceivedSpan[];
}

let receiver: Receiver;
let bundled: Bundle;
const started: Partial<Record<BrokerName, Broker>> = {};
const runs: Record<string, Run> = {};
let instrumented: Run;

beforeAll(async () => {
  for (const why of names.map(missing)) if (why !== undefined) console.warn(`skipped: ${why}`);
  if (here.length === 0) return;
  [receiver, bundled] = await Promise.all([startReceiver(), bundle('test/e2e/fixtures/brokers/app.cjs')]);
  const start = async (name: BrokerName) => {
    started[name] = await startBroker(name);
  };
  await Promise.all(here.map(start));
  for (const build of builds) runs[build] = await run(build);
  runs.untraced = await run('app.cjs', []);
  instrumented = await run('app.cjs', ['--require', './test/e2e/fixtures/brokers/instrumented.cjs']);
}, 120_000);
afterAll(async () => {
  bundled?.remove();
  await Promise.all([receiver?.close(), ...Object.values(started).map((broker) => broker.close())]);
});

async function run(build: string, flags = ['--import', 'keeptrace/register']): Promise<Run> {
  receiver.clear();
  const file = build === 'a bundle' ? bundled.file : `test/e2e/fixtures/brokers/${build}`;
  const BROKERS = here.map((name) => `${name}:${started[name]?.port}`).join();
  const env = { OTEL_SERVICE_NAME: 'shop', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, BROKERS };
  const app = runApp({ args: [...flags, file], env });
  const { code } = await app.exit;
  if (code !== 0) throw new Error(`${build} ended with ${code}:\n${app.stderr()}`);
  const outcomes = app
    .stdout()
    .trim()
    .split('\n')
    .map((line): Outcome => JSON.parse(line));
  return { outcomes, spans: [...receiver.spans] };
}

function skipWhereMissing(context: TestContext, broker: BrokerName): void {
  const why = missing(broker);
  if (why !== undefined && required) throw new Error(why);
  if (why !== undefined) context.skip(why);
}

const systems = { rabbitmq: 'rabbitmq', nats: 'nats', redis: 'bullmq', kafka: 'kafka' };

/** What became of the messages; `own` is what the app had put into the headers, whatever tracing did to them. */
const expected: Record<BrokerName, { own: Record<string, unknown>; tenant?: string; broken: number; foreign: number }> =
  {
    rabbitmq: {
      own: { bytes: 'hex 00ff', deep: { list: [1, 'a'] }, tenant: 'acme' },
      tenant: 'acme',
      broken: 5,
      foreign: 3,
    },
    nats: { own: { tenant: ['acme', 'second'] }, tenant: 'acme,second', broken: 4, foreign: 2 },
    redis: { own: { attempts: 2, metadata: { other: '1' }, priority: 3 }, broken: 5, foreign: 2 },
    kafka: { own: { bytes: 'hex 00ff', tenant: 'hex 61636d65' }, tenant: 'acme', broken: 4, foreign: 2 },
  };

describe.each(names)('case 42: %s', (broker) => {
  const { own, tenant, broken, foreign } = expected[broker];

  describe.each(builds)('%s', (build) => {
    /** The spans of the messages whose id starts so, by id and attempt. */
    const spansOf = (id: string) =>
      (runs[build]?.spans ?? [])
        .filter(({ attributes }) => attributes['messaging.system'] === systems[broker])
        .filter(({ attributes }) => String(attributes['test.id']).startsWith(id));

    test('a span per attempt, in the trace of whoever sent the message', (context) => {
      skipWhereMissing(context, broker);
      const spans = spansOf('plain');
      expect(
        spans.map(({ kind, name, status, attributes }) => [kind, name, status.code, attributes['job.attempt']]),
      ).toEqual([
        ['consumer', 'order.ship', 'error', 1],
        ['consumer', 'order.ship', 'unset', 2],
      ]);
      const all = runs[build]?.spans ?? [];
      const send = all.find(({ spanId }) => spanId === spans[0]?.parentSpanId);
      expect(send?.name, spanTree(all)).toBe('place order');
      expect(spans.map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual(
        Array(2).fill([send?.traceId, send?.spanId]),
      );
    });

    test('headers as others write them are read', (context) => {
      skipWhereMissing(context, broker);
      const spans = spansOf('foreign');
      expect(spans.map(({ traceId, parentSpanId }) => [traceId, parentSpanId])).toEqual(
        Array(foreign).fill(['1'.repeat(32), '2'.repeat(16)]),
      );
    });

    test('broken headers are no context, and their messages are handled', (context) => {
      skipWhereMissing(context, broker);
      const spans = spansOf('broken');
      expect(
        spans.map(({ parentSpanId, attributes }) => [parentSpanId, attributes['messaging.context.source']]),
      ).toEqual(Array(broken).fill([undefined, 'none']));
    });
  });

  test('all messages arrive with what the app had given them, and are acknowledged as without tracing', (context) => {
    skipWhereMissing(context, broker);
    const ids = (kind: string, count: number) => Array.from({ length: count }, (_, at) => `${kind} ${at}`);
    const once = [...ids('broken', broken), ...ids('foreign', foreign)].map((id) => ({ id, attempt: 1 }));
    const plain = [1, 2].map((attempt) => ({ id: 'plain', attempt, own, ...(tenant && { tenant }) }));
    for (const { outcomes } of Object.values(runs)) {
      const outcome = outcomes.find((one) => one.broker === broker);
      expect(outcome?.left).toBe(0);
      expect(outcome?.seen.filter(({ id }) => id === 'plain')).toEqual(plain);
      expect(outcome?.seen.filter(({ id }) => id !== 'plain')).toMatchObject(once);
    }
    expect(Object.keys(runs)).toHaveLength(4);
    expect(runs.untraced?.spans).toEqual([]);
  });
});

for (const broker of ['rabbitmq', 'kafka'] as const) {
  test(`case 42: ${broker}: where the official instrumentation has a span for the message, that one has the name, and there is no second`, (context) => {
    skipWhereMissing(context, broker);
    const { spans } = instrumented;
    const of = spans.filter(({ attributes }) => attributes['messaging.system'] === broker);
    const plain = of.find(({ attributes }) => attributes['test.id'] === 'plain');
    const consumers = of.filter(({ kind, traceId }) => kind === 'consumer' && traceId === plain?.traceId);
    expect(
      consumers.map(({ name, scope, attributes }) => [name, scope.name, attributes['job.attempt']]),
      spanTree(spans),
    ).toEqual([1, 2].map((attempt) => ['order.ship', expect.stringMatching(/amqplib|kafkajs/), attempt]));
  });
}
