import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { expect, test } from 'vitest';
import { awsOpinions, isPollerNoise } from '../../src/provider/aws-opinions.ts';

const receive = {
  kind: SpanKind.CLIENT,
  parentSpanContext: undefined,
  instrumentationScope: { name: '@opentelemetry/instrumentation-aws-sdk' },
  status: { code: SpanStatusCode.UNSET },
  attributes: { 'messaging.operation.type': 'receive', 'messaging.batch.message_count': 0 },
};

const deletion = { kind: SpanKind.CLIENT, attributes: { 'messaging.operation.type': 'settle' } };

test.each([
  ['a receive without a message and without a parent', {}, true],
  ['one whose answer told no count', { attributes: { 'messaging.operation.type': 'receive' } }, true],
  ['one that brought messages', { attributes: { ...receive.attributes, 'messaging.batch.message_count': 2 } }, false],
  ['one that failed', { status: { code: SpanStatusCode.ERROR } }, false],
  ['one inside a span of the app', { parentSpanContext: { spanId: '1' } }, false],
  ['a receive of a client that is traced by its own', { instrumentationScope: { name: 'keeptrace/messaging' } }, true],
  ['a consumer span of another instrumentation', { instrumentationScope: { name: 'kafka' } }, false],
  ['another call', { attributes: {} }, false],
  ['a deletion after a message', deletion, true],
  ['a deletion that failed', { ...deletion, status: { code: SpanStatusCode.ERROR } }, false],
  ['a deletion inside a span of the app', { ...deletion, parentSpanContext: { spanId: '1' } }, false],
])('noise of a poller: %s', (_, parts, noise) => {
  expect(isPollerNoise({ ...receive, ...parts } as unknown as ReadableSpan)).toBe(noise);
});

test('the HTTP request inside a call makes no span of its own', () => {
  expect(awsOpinions().suppressInternalInstrumentation).toBe(true);
});
