// What apps pass to the public functions, and what they do with what comes back: `npm run types` compiles it, against the types
// of the clients and with exact optional properties.
import type { SendMessageCommandInput } from '@aws-sdk/client-sqs';
import type { JobsOptions } from 'bullmq';
import type { IHeaders } from 'kafkajs';
import { expect, test } from 'vitest';
import {
  carriers,
  deadLetterEntry,
  extractHeaders,
  type HeaderOptions,
  injectHeaders,
  processBatch,
  processHeaders,
} from '../../src/messaging/index.ts';

const kind = { DataType: 'String', StringValue: 'order' };

test('what is injected, or made for a dead-letter queue, is what the clients take', () => {
  const sent: SendMessageCommandInput[] = [
    { QueueUrl: 'dead', ...deadLetterEntry({ Body: 'b', MessageAttributes: { kind } }) },
    { QueueUrl: 'jobs', MessageBody: 'b', MessageAttributes: injectHeaders(carriers.sqs, { kind }) },
  ];
  expect(sent.map(({ MessageAttributes }) => MessageAttributes)).toEqual([{ kind }, { kind }]);
  const headers: IHeaders = injectHeaders(carriers.kafka, {});
  const options: JobsOptions = injectHeaders(carriers.bullmq, { attempts: 3 });
  expect([headers, options]).toEqual([{}, { attempts: 3 }]);
});

test('attributes are read as Lambda and SNS write them', () => {
  const lambda = { kind: { stringValue: 'order', dataType: 'String' as const } };
  const envelope = { kind: { Type: 'String', Value: 'order' } };
  expect([carriers.sqs.get(lambda, 'kind'), carriers.sns.get(envelope, 'kind')]).toEqual(['order', 'order']);
  expect(extractHeaders(carriers.sqs, lambda)).toBe(extractHeaders(carriers.sns, envelope));
});

test('an option that is not known is as one that is not said', async () => {
  const unset = process.env.KEEPTRACE_TEST_UNSET;
  const said: Required<HeaderOptions> = {
    name: 'order.ship',
    destination: unset,
    tenant: unset,
    idempotencyKey: undefined,
    attributes: undefined,
    relationship: undefined,
    awsTraceHeader: undefined,
    maxReceiveCount: undefined,
    timeoutMs: undefined,
    classifyError: () => ({ dependency: unset, type: unset }),
    system: unset,
    messageId: unset,
    attempt: undefined,
  };
  expect(await processHeaders(carriers.textMap, {}, said, () => 'shipped')).toBe('shipped');
  const batch = { ...said, concurrency: undefined, fifo: undefined, batchSpan: undefined };
  expect(await processBatch([{ MessageId: 'm' }], batch, () => {})).toEqual({ batchItemFailures: [] });
  expect(injectHeaders(carriers.textMap, {}, { context: undefined, baggage: undefined })).toEqual({});
});
