// The span of one message: what it says, and how it ends.
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { beforeEach, expect, test, vi } from 'vitest';
import { type ProcessOptions, processMessage, TimeoutError } from '../../src/messaging/index.ts';
import {
  attributesAtStart,
  call,
  notification,
  spanId,
  takeSpan,
  takeSpans,
  text,
  traceId,
  traceparent,
  xray,
} from './traced.ts';

const arrived = { MessageAttributes: { traceparent: text(traceparent) } };
const options = { name: 'campaign.sync_report' };
const attempt = (count: number, more: object = {}) => ({
  ...arrived,
  Attributes: { ApproximateReceiveCount: String(count), ...more },
});
const done = async () => 'done';

beforeEach(() => void takeSpans());

test('case 1: the span continues the producer’s trace under its business name, all said from the start', async () => {
  const sent = Date.now() - 1_500;
  const message = {
    MessageId: 'm-1',
    Body: JSON.stringify({ tenant: 'acme', key: 'k-1' }),
    ...attempt(2, { SentTimestamp: String(sent), MessageGroupId: 'g-1' }),
  };
  const result = await processMessage(
    message,
    {
      name: 'campaign.sync_report',
      destination: 'https://sqs.eu-central-1.amazonaws.com/123456789012/jobs',
      tenant: (view) => view.json<{ tenant: string }>().tenant,
      idempotencyKey: (view) => view.json<{ key: string }>().key,
      attributes: { 'report.kind': 'daily' },
      maxReceiveCount: 3,
    },
    async ({ span, message: view }) => {
      expect(trace.getActiveSpan()).toBe(span);
      expect(view.attempt).toBe(2);
      return view.json();
    },
  );
  expect(result).toEqual({ tenant: 'acme', key: 'k-1' });
  const span = takeSpan();
  expect(span.name).toBe('campaign.sync_report');
  expect(span.kind).toBe(SpanKind.CONSUMER);
  expect(span.parentSpanContext).toMatchObject({ traceId, spanId, isRemote: true });
  expect(span.status.code).toBe(SpanStatusCode.UNSET);
  expect(span.links).toEqual([]);
  const start = attributesAtStart(span);
  expect(start).toEqual({
    'messaging.system': 'aws_sqs',
    'messaging.system.name': 'aws.sqs',
    'messaging.operation.name': 'process',
    'messaging.operation.type': 'process',
    'messaging.destination.name': 'jobs',
    'messaging.message.id': 'm-1',
    'messaging.message.queue_time_ms': expect.any(Number),
    'messaging.context.source': 'message_attribute',
    'messaging.delivered_via': 'sqs',
    'aws.sqs.queue.url': 'https://sqs.eu-central-1.amazonaws.com/123456789012/jobs',
    'aws.sqs.message.receive_count': 2,
    'aws.sqs.message.group_id': 'g-1',
    'job.type': 'campaign.sync_report',
    'job.attempt': 2,
    'job.max_attempts': 3,
    'job.idempotency_key': 'k-1',
    'tenant.id': 'acme',
    'report.kind': 'daily',
  });
  expect(start?.['messaging.message.queue_time_ms']).toBeGreaterThanOrEqual(1_500);
  expect(span.attributes).toEqual({ ...start, 'job.outcome': 'success' });
});

test('what is active where a message is taken becomes a link, not the parent', async () => {
  const poll = trace.getTracer('test').startSpan('poll');
  await context.with(trace.setSpan(context.active(), poll), () => processMessage(arrived, options, done));
  const span = takeSpan();
  expect(span.parentSpanContext?.traceId).toBe(traceId);
  expect(span.links.map((link) => link.context.spanId)).toEqual([poll.spanContext().spanId]);
});

test('relationship link: a trace of its own, with a link to the producer', async () => {
  await processMessage(arrived, { ...options, relationship: 'link' }, done);
  const span = takeSpan();
  expect(span.parentSpanContext).toBeUndefined();
  expect(span.spanContext().traceId).not.toBe(traceId);
  expect(span.links.map((link) => link.context.traceId)).toEqual([traceId]);
});

test('case 17: without a context the span is a root, whatever is active', async () => {
  const poll = trace.getTracer('test').startSpan('poll');
  await context.with(trace.setSpan(context.active(), poll), () => processMessage({ Body: '{}' }, options, done));
  const span = takeSpan();
  expect(span.parentSpanContext).toBeUndefined();
  expect(span.spanContext().traceId).not.toBe(poll.spanContext().traceId);
  expect(span.attributes['messaging.context.source']).toBe('none');
});

test('case 27: a trace header that may be the platform’s is a link', async () => {
  await processMessage({ Body: '{}', Attributes: { AWSTraceHeader: xray(0) } }, options, done);
  const span = takeSpan();
  expect(span.parentSpanContext).toBeUndefined();
  expect(span.links.map((link) => link.context.traceId)).toEqual([traceId]);
  expect(span.attributes['messaging.context.source']).toBe('aws_trace_header');
});

test('case 28: an unsampled producer stays the parent', async () => {
  const unsampled = { MessageAttributes: { traceparent: text(traceparent.replace(/01$/, '00')) } };
  // Which is what logs are told.
  const inside = await processMessage(unsampled, options, () => trace.getActiveSpan()?.spanContext());
  const span = takeSpan();
  expect(span.parentSpanContext).toMatchObject({ traceId, traceFlags: 0 });
  expect(inside).toMatchObject({ traceId, spanId: span.spanContext().spanId });
});

test('case 29: baggage of the message is active in the handler, baggage of the poller is not', async () => {
  const message = { MessageAttributes: { ...arrived.MessageAttributes, baggage: text('tenant=acme') } };
  const ambient = propagation.setBaggage(context.active(), propagation.createBaggage({ poller: { value: '7' } }));
  const seen = await context.with(ambient, () =>
    processMessage(message, options, () =>
      propagation
        .getActiveBaggage()
        ?.getAllEntries()
        .map(([name]) => name),
    ),
  );
  expect(seen).toEqual(['tenant']);
});

test.each([
  ['an Error', new TypeError('no parcel'), 'TypeError', 'no parcel'],
  ['a text', 'no parcel', 'string', 'no parcel'],
  ['undefined', undefined, 'undefined', 'undefined'],
  ['several errors', new AggregateError([new Error('a'), new Error('b')], 'both'), 'AggregateError', 'both'],
])('case 30: a handler that throws %s is recorded, and the same is thrown on', async (_, thrown, type, message) => {
  for (const handler of [
    async () => {
      throw thrown;
    },
    () => {
      throw thrown;
    },
  ]) {
    const caught = await processMessage(arrived, options, handler).then(
      () => ['resolved'],
      (error: unknown) => [error],
    );
    expect(caught[0]).toBe(thrown);
    const span = takeSpan();
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(span.attributes).toMatchObject({ 'error.type': type, 'job.outcome': 'retry' });
    expect(span.events.map((event) => event.name)).toEqual(['exception']);
  }
});

test('cases 31, 32: a handler that does not settle is given up; what it does later is in the trace, and ends nothing twice', async () => {
  vi.useFakeTimers();
  try {
    let finish = () => {};
    let late: Promise<void> | undefined;
    let aborted: unknown;
    const running = processMessage(arrived, { ...options, timeoutMs: 5_000 }, ({ signal }) => {
      signal.addEventListener('abort', () => {
        aborted = signal.reason;
        call('rollback');
      });
      late = new Promise<void>((resolve) => {
        finish = resolve;
      }).then(() => {
        call('late write');
        throw new Error('too late to matter');
      });
      return late;
    });
    const outcome = expect(running).rejects.toThrow(TimeoutError);
    vi.advanceTimersByTime(4_999);
    expect(takeSpans()).toEqual([]);
    vi.advanceTimersByTime(1);
    await outcome;
    expect(aborted).toBeInstanceOf(TimeoutError);
    const [span, rollback] = takeSpans() as [ReadableSpan, ReadableSpan];
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes).toMatchObject({ 'error.type': 'timeout', 'job.outcome': 'retry' });
    expect([rollback.name, rollback.parentSpanContext?.spanId]).toEqual(['rollback', span.spanContext().spanId]);

    finish();
    await expect(late).rejects.toThrow('too late to matter');
    const after = takeSpan();
    expect([after.name, after.spanContext().traceId]).toEqual(['late write', traceId]);
    expect(after.parentSpanContext?.spanId).toBe(span.spanContext().spanId);
    // Of the exporter in memory.
    vi.advanceTimersByTime(1);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('timers that are numbers, as in a simulated browser, will do', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout').mockReturnValue(7 as never);
  try {
    expect(await processMessage(arrived, options, () => 'shipped')).toBe('shipped');
  } finally {
    timers.mockRestore();
  }
});

test('a handler that settles leaves no timer behind', async () => {
  vi.useFakeTimers();
  try {
    await processMessage(arrived, options, done);
    await processMessage(arrived, options, () => Promise.reject(1)).catch(() => {});
    // Of the exporter in memory.
    vi.advanceTimersByTime(1);
    expect(vi.getTimerCount()).toBe(0);
  } finally {
    vi.useRealTimers();
  }
});

test('case 15: the last attempt says that it was, what it failed of and how many came before', async () => {
  const failing = (count: number) =>
    processMessage(attempt(count), { ...options, maxReceiveCount: 3 }, () => {
      call('POST', { 'url.full': 'http://payments/charge', 'server.address': 'payments' }, '503');
      throw new Error('no charge');
    }).catch(() => {});
  for (const count of [1, 2, 3]) await failing(count);
  const spans = takeSpans().filter((span) => span.kind === SpanKind.CONSUMER);
  expect(new Set(spans.map((span) => span.spanContext().traceId))).toEqual(new Set([traceId]));
  expect(
    spans.map(({ attributes: told }) => [
      told['job.attempt'],
      told['job.outcome'],
      told['job.failure_count'],
      told['job.failed_dependency'],
    ]),
  ).toEqual([
    [1, 'retry', 1, 'payments'],
    [2, 'retry', 2, 'payments'],
    [3, 'dead_letter', 3, 'payments'],
  ]);
  expect(spans.map((span) => span.events.map((event) => event.name))).toEqual([
    ['exception'],
    ['exception'],
    ['exception', 'messaging.dead_lettered'],
  ]);
});

test.each(['first', 'replay', 'conflict'] as const)(
  'case 33: idempotency that says %s is on the span',
  async (told) => {
    await processMessage(attempt(2), { ...options, idempotencyKey: 'k-1' }, ({ idempotent }) => idempotent(told));
    const span = takeSpan();
    expect(span.attributes).toMatchObject({
      'job.idempotency_key': 'k-1',
      'job.idempotency.outcome': told,
      'job.outcome': 'success',
    });
    expect(span.status.code).toBe(SpanStatusCode.UNSET);
  },
);

test('functions of the app that throw cost their own answer only', async () => {
  const hostile = () => {
    throw new Error('mine');
  };
  const result = await processMessage(
    { ...arrived, Body: 'no json' },
    {
      name: hostile,
      destination: 'arn:aws:sqs:eu-central-1:123456789012:jobs',
      tenant: hostile,
      idempotencyKey: hostile,
      attributes: hostile,
      classifyError: hostile,
    },
    done,
  );
  expect(result).toBe('done');
  const span = takeSpan();
  expect(span.name).toBe('process jobs');
  expect(span.attributes).toMatchObject({ 'messaging.destination.name': 'jobs', 'job.outcome': 'success' });
});

test.each([
  ['undefined', undefined],
  ['null', null],
  ['a text', 'hello'],
  [
    'all getters that throw',
    new Proxy(
      {},
      {
        get() {
          throw new Error('trap');
        },
      },
    ),
  ],
])('a message that is %s runs its handler all the same', async (_, message) => {
  expect(await processMessage(message as object, options, done)).toBe('done');
  expect(takeSpan().name).toBe('campaign.sync_report');
});

test('options that are missing run the handler all the same', async () => {
  expect(await processMessage(arrived, undefined as unknown as ProcessOptions, done)).toBe('done');
  expect(takeSpan().name).toBe('process message');
});

test('the payload is what was sent, without the envelope', async () => {
  const seen = await processMessage({ Body: notification('{"id":7}') }, options, ({ message: { body, payload } }) => {
    void payload;
    return body?.includes('TopicArn');
  });
  expect(seen).toBe(true);
  const json = await processMessage({ Body: notification('{"id":7}') }, options, ({ message }) => message.json());
  expect(json).toEqual({ id: 7 });
});
