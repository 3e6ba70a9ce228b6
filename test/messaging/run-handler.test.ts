// What a handler hands back, promise or not.
import { beforeEach, expect, test } from 'vitest';
import { processMessage } from '../../src/messaging/index.ts';
import { call, takeSpan, takeSpans, text, traceId, traceparent } from './traced.ts';

beforeEach(() => void takeSpans());

const arrived = { MessageAttributes: { traceparent: text(traceparent) } };
const options = { name: 'order.ship' };
type Then = (done: (value: unknown) => void, failed: (error: unknown) => void) => void;
const withThen = (value: Then, of: object = {}) => Object.defineProperty(of, 'then', { value }) as PromiseLike<unknown>;

test('a query that starts when it is waited for starts in the span of its message', async () => {
  const query = withThen((done) => {
    call('INSERT');
    setImmediate(() => {
      call('COMMIT');
      done('rows');
    });
  });
  expect(await processMessage(arrived, options, () => query)).toBe('rows');
  expect(takeSpans().map((span) => [span.name, span.spanContext().traceId])).toEqual([
    ['INSERT', traceId],
    ['COMMIT', traceId],
    ['order.ship', traceId],
  ]);
});

test('a promise whose then throws is an error of its handler, and ends its span', async () => {
  const broken = withThen(() => {
    throw new Error('then');
  }, Promise.resolve());
  await expect(processMessage(arrived, options, () => broken)).rejects.toThrow('then');
  expect(takeSpan().attributes['error.type']).toBe('Error');
});

test('what settles three times counts once', async () => {
  const thrice = withThen((done, failed) => {
    done(1);
    failed(new Error('2'));
    done(3);
  });
  expect(await processMessage(arrived, options, () => thrice)).toBe(1);
  expect(takeSpan().attributes['job.outcome']).toBe('success');
});
