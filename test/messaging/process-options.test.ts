// Options as no type allows them.
import { setImmediate as tick } from 'node:timers/promises';
import { beforeEach, expect, test, vi } from 'vitest';
import { carriers, processBatch, processHeaders, processMessage } from '../../src/messaging/index.ts';
import { takeSpan, takeSpans, text, traceId, traceparent } from './traced.ts';

beforeEach(() => void takeSpans());

const arrived = { MessageAttributes: { traceparent: text(traceparent) } };
const options = { name: 'order.ship' };

test('a destination that is no text costs neither the span nor the batch', async () => {
  const destination = new URL('http://sqs/1/jobs.fifo') as unknown as string;
  await processMessage(arrived, { ...options, destination }, () => {});
  const span = takeSpan();
  expect(span.parentSpanContext?.traceId).toBe(traceId);
  expect(span.attributes['messaging.destination.name']).toBe('jobs.fifo');
  await processMessage(arrived, { ...options, destination: 7 as never }, () => {});
  expect(takeSpan().attributes['messaging.destination.name']).toBeUndefined();
  expect(await processBatch([arrived], { ...options, destination }, () => {})).toEqual({ batchItemFailures: [] });
  takeSpans();
  await processHeaders(carriers.textMap, { traceparent }, { ...options, destination }, () => {});
  expect(takeSpan().attributes['messaging.destination.name']).toBe('jobs.fifo');
});

test('options that answer later than asked cost their own answer only', async () => {
  const unhandled = vi.fn();
  process.on('unhandledRejection', unhandled);
  const later = (async () => {
    throw new Error('later');
  }) as never;
  await processMessage(arrived, { name: later, tenant: later, attributes: later, classifyError: later }, () => {
    throw 1;
  }).catch(() => {});
  await tick();
  process.off('unhandledRejection', unhandled);
  expect(unhandled).not.toHaveBeenCalled();
  expect(takeSpan().name).toBe('process message');
});
