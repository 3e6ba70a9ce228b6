// A queue of the strict SQS with a traced client, and what the tests of sending ask of it.
import { context, propagation, trace } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { carriers, extractHeaders } from '../../src/messaging/carriers.ts';
import { instrument, load, startAwsRig, takeSpans } from './aws-rig.ts';

export const instrumentation = instrument();
export const sqs = load('@aws-sdk/client-sqs') as typeof import('@aws-sdk/client-sqs');
export const rig = await startAwsRig();
export const client = new sqs.SQSClient(rig.config);
export const { QueueUrl } = await client.send(new sqs.CreateQueueCommand({ QueueName: 'jobs' }));

/** Before each test. */
export async function clear(): Promise<void> {
  while ((await receive()).length > 0);
  takeSpans();
  rig.wire.length = 0;
}

export const string = (StringValue: string) => ({ DataType: 'String', StringValue });
export const business = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, string(`v${i}`)]));

export async function receive() {
  const input = { QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ['All'], AttributeNames: ['All' as const] };
  const { Messages = [] } = await client.send(new sqs.ReceiveMessageCommand(input));
  if (Messages.length > 0) {
    const Entries = Messages.map(({ ReceiptHandle }, i) => ({ Id: `${i}`, ReceiptHandle }));
    await client.send(new sqs.DeleteMessageBatchCommand({ QueueUrl, Entries }));
  }
  return Messages;
}

/** As many as were sent, whose order is theirs alone: one answer need not hold them all. */
export async function receiveAll(count: number) {
  const messages = [];
  while (messages.length < count) messages.push(...(await receive()));
  return new Map(messages.map((message) => [message.Body, message]));
}

export const named = (name: string) => takeSpans().find((span) => span.name === name) as ReadableSpan;
export const carriedBy = (attributes: unknown) =>
  trace.getSpanContext(extractHeaders(carriers.sqs, attributes as never));

/** A state, and baggage, as a caller over HTTP would have sent them. */
export const withMuch = <T>(run: () => Promise<T>): Promise<T> => {
  const entries = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`k${i}`, { value: 'x'.repeat(100) }]));
  const traceState = new TraceState(Array.from({ length: 33 }, (_, i) => `m${i}=1`).join(','));
  const span = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    traceState,
    isRemote: true,
  };
  return context.with(
    propagation.setBaggage(trace.setSpanContext(context.active(), span), propagation.createBaggage(entries)),
    run,
  );
};
