// Which dependency made a handler fail.
import { context, SpanKind, trace } from '@opentelemetry/api';
import { beforeEach, expect, test } from 'vitest';
import { type Handler, type ProcessOptions, processMessage } from '../../src/messaging/index.ts';
import { call, takeSpans } from './traced.ts';

beforeEach(() => void takeSpans());

const http = (host: string, path = '/', port = 80) => ({
  'server.address': host,
  'server.port': port,
  'url.full': `http://${host}${path}`,
});

async function story(handler: Handler<unknown>, options?: Partial<ProcessOptions>) {
  await processMessage({}, { name: 'job', ...options }, handler).catch(() => {});
  const attributes = takeSpans().find((span) => span.kind === SpanKind.CONSUMER)?.attributes ?? {};
  return [attributes['job.failed_dependency'], attributes['job.failed_dependencies']];
}
const gaveUp = () => {
  throw new Error('gave up');
};
const nobody = [undefined, undefined];

test.each([
  ['an HTTP host', http('payments'), 'payments'],
  ['a host on a port of its own', http('127.0.0.1', '/', 8080), '127.0.0.1:8080'],
  ['what the app calls it', { ...http('payments'), 'peer.service': 'billing' }, 'billing'],
  ['a database', { 'db.system.name': 'postgresql', 'server.address': 'db-7' }, 'postgresql'],
  ['a service of AWS', { 'rpc.system.name': 'aws-api', 'rpc.method': 'DynamoDB/PutItem' }, 'DynamoDB'],
  ['a broker', { 'messaging.system.name': 'kafka', 'server.address': 'k-1' }, 'kafka'],
  ['nothing but its name', {}, 'GET'],
])('%s is named', async (_, attributes, name) => {
  const told = await story(() => {
    call('GET', attributes, '503');
    gaveUp();
  });
  expect(told).toEqual([name, undefined]);
});

test('the call that failed last is the one, and the others are listed', async () => {
  const told = await story(() => {
    call('GET', http('stock'), '503');
    call('GET', http('payments'), '503');
    call('GET', http('payments', '/again'), '503');
    gaveUp();
  });
  expect(told).toEqual(['payments', ['stock', 'payments']]);
});

test('what failed and then went well is not to blame', async () => {
  const told = await story(() => {
    call('GET', http('stock', '/7?try=1'), '503');
    call('GET', http('stock', '/7?try=2'));
    gaveUp();
  });
  expect(told).toEqual(nobody);
});

test('a handler that goes well has no failed dependency, whatever its calls did', async () => {
  expect(await story(() => call('GET', http('stock'), '503'))).toEqual(nobody);
});

test.each(['ConditionalCheckFailedException', 'TransactionCanceledException', 'AbortError'])(
  'case 41: a condition that does not hold (%s) is an answer, not a failure',
  async (error) => {
    const table = { 'rpc.system.name': 'aws-api', 'rpc.method': 'DynamoDB/PutItem' };
    const told = await story(() => {
      call('DynamoDB.PutItem', table, error);
      gaveUp();
    });
    expect(told).toEqual(nobody);
    expect(
      await story(() => {
        call('DynamoDB.PutItem', table, 'ProvisionedThroughputExceededException');
        gaveUp();
      }),
    ).toEqual(['DynamoDB', undefined]);
  },
);

test('the handler’s word counts more than the app’s rule, and that more than the calls', async () => {
  const failing = (say?: string): Handler<void> => {
    return ({ dependencyFailed }) => {
      call('GET', http('stock'), '503');
      if (say !== undefined) dependencyFailed(say);
      gaveUp();
    };
  };
  const classifyError = () => ({ dependency: 'bank', type: 'declined' });
  expect(await story(failing(), { classifyError })).toEqual(['bank', ['stock', 'bank']]);
  expect(await story(failing('fraud check'), { classifyError })).toEqual(['fraud check', ['stock', 'fraud check']]);
});

test('classifyError names the error, too', async () => {
  await processMessage({}, { name: 'job', classifyError: () => ({ type: 'declined' }) }, gaveUp).catch(() => {});
  expect(takeSpans()[0]?.attributes['error.type']).toBe('declined');
});

test('calls deep below the handler count, and calls beside it do not', async () => {
  const tracer = trace.getTracer('test');
  const told = await story(() => {
    tracer.startActiveSpan('step', (step) => {
      call('GET', http('deep'), '503');
      step.end();
    });
    context.with(trace.deleteSpan(context.active()), () => call('GET', http('still below'), '503'));
    gaveUp();
  });
  expect(told).toEqual(['still below', ['deep', 'still below']]);
  call('GET', http('outside'), '503');
  expect(await story(gaveUp)).toEqual(nobody);
});

test('what fails in a message that is handled within another’s handler counts for both, until that one is done', async () => {
  const part = (run: () => void) => processMessage({}, { name: 'part' }, run);
  const fails = () => {
    call('GET', http('payments'), '503');
    gaveUp();
  };
  let within = context.active();
  const late = async () => {
    await part(() => {
      within = context.active();
    });
    context.with(within, fails);
  };
  for (const whole of [() => part(fails), late]) await processMessage({}, { name: 'whole' }, whole).catch(() => {});
  const jobs = takeSpans().filter(({ kind }) => kind === SpanKind.CONSUMER);
  expect(jobs.map(({ name, attributes }) => [name, attributes['job.failed_dependency']])).toEqual([
    ['part', 'payments'],
    ['whole', 'payments'],
    ['part', undefined],
    ['whole', undefined],
  ]);
});

test('spans that are no calls are nobody’s dependency', async () => {
  const told = await story(() => {
    const span = trace.getTracer('test').startSpan('own work', { kind: SpanKind.INTERNAL });
    span.setStatus({ code: 2 }).end();
    gaveUp();
  });
  expect(told).toEqual(nobody);
});

test('of a handler with thousands of failed calls the last 20 are remembered', async () => {
  const [last, all] = await story(() => {
    for (let at = 0; at < 5_000; at += 1) call('GET', http(`h${at}`), '503');
    gaveUp();
  });
  expect(last).toBe('h4999');
  expect(all).toHaveLength(20);
});
