import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fromXRayHeader } from '../../src/messaging/xray-header.ts';
import { withDeadline } from '../../src/sampling/slow-deadline.ts';
import { inSpan, instrument, load, startAwsRig, takeSpans } from './aws-rig.ts';

instrument();
const { SNSClient, PublishCommand, PublishBatchCommand } = load(
  '@aws-sdk/client-sns',
) as typeof import('@aws-sdk/client-sns');
const { EventBridgeClient, PutEventsCommand } = load(
  '@aws-sdk/client-eventbridge',
) as typeof import('@aws-sdk/client-eventbridge');
const { SFNClient, StartExecutionCommand } = load('@aws-sdk/client-sfn') as typeof import('@aws-sdk/client-sfn');
const { LambdaClient, InvokeCommand } = load('@aws-sdk/client-lambda') as typeof import('@aws-sdk/client-lambda');
const rig = await startAwsRig();
const sns = new SNSClient(rig.config);
const events = new EventBridgeClient(rig.config);
const sfn = new SFNClient(rig.config);
const lambda = new LambdaClient(rig.config);
afterAll(() => rig.close());
beforeEach(() => {
  takeSpans();
  rig.wire.length = 0;
});
afterEach(() => {
  delete process.env.AWS_LAMBDA_FUNCTION_NAME;
  delete process.env._X_AMZN_TRACE_ID;
});

const TopicArn = 'arn:aws:sns:eu-central-1:123456789012:paid';
const string = (StringValue: string) => ({ DataType: 'String', StringValue });
const business = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, i) => [`a${i}`, string(`v${i}`)]));
const body = () => rig.wire[0]?.body as unknown as Record<string, string>;
/** Attribute names and values of a form such as SNS takes. */
function attributesIn(form: Record<string, string>, prefix: string): Record<string, string> {
  const found: Record<string, string> = {};
  for (let i = 1; form[`${prefix}.entry.${i}.Name`] !== undefined; i += 1) {
    found[form[`${prefix}.entry.${i}.Name`] as string] = form[`${prefix}.entry.${i}.Value.StringValue`] as string;
  }
  return found;
}
const traceparentOf = (span: ReadableSpan | undefined) =>
  `00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`;

describe('SNS', () => {
  test('case 22, the sending half: Publish carries its span', async () => {
    await sns.send(new PublishCommand({ TopicArn, Message: 'paid', MessageAttributes: business(1) }));
    const [span] = takeSpans();
    expect(attributesIn(body(), 'MessageAttributes')).toEqual({ a0: 'v0', traceparent: traceparentOf(span) });
    expect([span?.name, span?.kind]).toEqual(['send paid', SpanKind.PRODUCER]);
    expect(span?.attributes).toMatchObject({
      'messaging.system': 'aws.sns',
      'messaging.system.name': 'aws.sns',
      'messaging.operation.name': 'send',
      'messaging.destination.name': 'paid',
      'aws.sns.topic.arn': TopicArn,
    });
  });

  test('case 22, the sending half: each message of PublishBatch carries a span of its own', async () => {
    rig.answers.PublishBatch =
      '<Successful><member><Id>a</Id><MessageId>one</MessageId></member></Successful>' +
      '<Failed><member><Id>b</Id><Code>Throttled</Code><SenderFault>false</SenderFault></member></Failed>';
    const PublishBatchRequestEntries = ['a', 'b'].map((Id) => ({
      Id,
      Message: 'paid',
      MessageAttributes: business(1),
    }));
    const before = structuredClone(PublishBatchRequestEntries);
    await inSpan(() => sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries })));
    const spans = takeSpans();
    const creates = spans.filter(({ name }) => name === 'create paid');
    const sent = [1, 2].map((i) => attributesIn(body(), `PublishBatchRequestEntries.member.${i}.MessageAttributes`));
    expect(sent).toEqual(creates.map((span) => ({ a0: 'v0', traceparent: traceparentOf(span) })));
    expect(creates.map(({ attributes }) => attributes['messaging.message.id'])).toEqual(['one', undefined]);
    expect(creates.map(({ status }) => status.code)).toEqual([SpanStatusCode.UNSET, SpanStatusCode.ERROR]);
    expect(spans.find(({ name }) => name === 'send paid')?.links).toHaveLength(2);
    expect(PublishBatchRequestEntries).toEqual(before);
  });

  test('case 6: ten attributes stay ten', async () => {
    await sns.send(new PublishCommand({ TopicArn, Message: 'paid', MessageAttributes: business(10) }));
    expect(Object.keys(attributesIn(body(), 'MessageAttributes'))).toHaveLength(10);
    expect(takeSpans()[0]?.attributes['messaging.context.carrier']).toBe('none');
  });

  test('a phone number is in no span, and a text message takes no context', async () => {
    await sns.send(new PublishCommand({ PhoneNumber: '+4915112345678', Message: 'paid' }));
    const [span] = takeSpans();
    expect(span?.name).toBe('send');
    expect(JSON.stringify(span?.attributes)).not.toContain('4915112345678');
    expect(Object.keys(body()).some((key) => key.startsWith('MessageAttributes'))).toBe(false);
  });
});

test('of a push to a device, the app is in the span, and not the device', async () => {
  const device = '5e3e9847-3183-3f18-a7e8-671c3a57d4b3';
  const TargetArn = `arn:aws:sns:eu-central-1:123456789012:endpoint/GCM/shop/${device}`;
  await sns.send(new PublishCommand({ TargetArn, Message: 'paid' }));
  const [span] = takeSpans();
  expect(span?.name).toBe('send endpoint/GCM/shop');
  expect(JSON.stringify(span?.attributes)).not.toContain(device);
  expect(body().TargetArn).toBe(TargetArn);
});

describe('EventBridge', () => {
  const entry = { Source: 'shop', DetailType: 'paid', Detail: '{"order": 17,  "b":1}' };
  const entries = () =>
    (rig.wire[0]?.body as { Entries?: { TraceHeader?: string; Detail?: string }[] } | undefined)?.Entries ?? [];

  test('case 25, the sending half: an event has its context in TraceHeader, and its detail byte by byte', async () => {
    rig.answers.PutEvents = { FailedEntryCount: 0, Entries: [{ EventId: 'e' }] };
    const Entries = [entry];
    await inSpan(() => events.send(new PutEventsCommand({ Entries })));
    const [span] = takeSpans().filter(({ name }) => name === 'send default');
    expect(fromXRayHeader(entries()[0]?.TraceHeader)).toMatchObject({
      traceId: span?.spanContext().traceId,
      spanId: span?.spanContext().spanId,
      traceFlags: 1,
    });
    expect(entries()[0]?.Detail).toBe(entry.Detail);
    expect(Entries).toEqual([entry]);
    expect(span?.attributes).toMatchObject({
      'messaging.system.name': 'aws.eventbridge',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'default',
      'messaging.batch.message_count': 1,
      'messaging.context.carrier': 'aws_trace_header',
    });
    expect(span?.kind).toBe(SpanKind.PRODUCER);
  });

  test('case 25: a TraceHeader of the caller stays; several events have a span each', async () => {
    rig.answers.PutEvents = { FailedEntryCount: 1, Entries: [{ EventId: 'e' }, { ErrorCode: 'InternalFailure' }] };
    const TraceHeader = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
    const bus = { EventBusName: 'arn:aws:events:eu-central-1:1:event-bus/orders' };
    await events.send(
      new PutEventsCommand({
        Entries: [
          { ...entry, ...bus, TraceHeader },
          { ...entry, EventBusName: 'orders' },
        ],
      }),
    );
    const spans = takeSpans();
    const creates = spans.filter(({ name }) => name === 'create orders');
    expect(entries()[0]?.TraceHeader).toBe(TraceHeader);
    expect(fromXRayHeader(entries()[1]?.TraceHeader)?.spanId).toBe(creates[1]?.spanContext().spanId);
    expect(creates[1]?.attributes['error.type']).toBe('InternalFailure');
    const send = spans.find(({ name }) => name === 'send orders');
    expect(send?.attributes['messaging.batch.failed_ids']).toEqual(['1']);
    expect(send?.kind).toBe(SpanKind.CLIENT);
  });

  test("case 27: within Lambda the platform's own lineage stays in the header", async () => {
    process.env.AWS_LAMBDA_FUNCTION_NAME = 'f';
    process.env._X_AMZN_TRACE_ID =
      'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=1:abc:0';
    await events.send(new PutEventsCommand({ Entries: [entry] }));
    expect(entries()[0]?.TraceHeader).toMatch(/;Sampled=1;Keeptrace=[0-9a-f]{16}-1;Lineage=1:abc:0$/);
    expect(fromXRayHeader(entries()[0]?.TraceHeader)?.spanId).toBe(takeSpans()[0]?.spanContext().spanId);
  });
});

test('Step Functions: an execution has its context in traceHeader, unless the caller set one', async () => {
  rig.answers.StartExecution = { executionArn: 'arn', startDate: 1 };
  const input = { stateMachineArn: 'arn:aws:states:eu-central-1:1:stateMachine:m', input: '{}' };
  await sfn.send(new StartExecutionCommand(input));
  expect(fromXRayHeader(body().traceHeader)?.spanId).toBe(takeSpans()[0]?.spanContext().spanId);
  expect(Object.keys(input)).toEqual(['stateMachineArn', 'input']);
  rig.wire.length = 0;
  await sfn.send(new StartExecutionCommand({ ...input, traceHeader: 'Root=1-own' }));
  expect(body().traceHeader).toBe('Root=1-own');
});

describe('Lambda', () => {
  const clientContext = () => {
    const header = rig.wire[0]?.headers['x-amz-client-context'];
    return header === undefined ? undefined : JSON.parse(Buffer.from(String(header), 'base64').toString());
  };
  const own = Buffer.from(JSON.stringify({ client: { a: 1 }, custom: { b: 2 } })).toString('base64');

  test('a call that waits carries its span in the client context, beside what is there', async () => {
    const input = { FunctionName: 'f', ClientContext: own };
    await lambda.send(new InvokeCommand(input));
    expect(clientContext()).toEqual({ client: { a: 1 }, custom: { b: 2, traceparent: traceparentOf(takeSpans()[0]) } });
    expect(input.ClientContext).toBe(own);
  });

  test('case 43: an asynchronous call carries nothing there, since AWS drops it', async () => {
    await lambda.send(new InvokeCommand({ FunctionName: 'f', InvocationType: 'Event' }));
    expect(clientContext()).toBeUndefined();
    expect(takeSpans()[0]?.attributes['messaging.context.carrier']).toBe('none');
  });

  test('numbers of a client context stay what they are, to the last digit', async () => {
    const text = '{"custom":{"id":12345678901234567890,"price":1.10},"at":1e400}';
    await lambda.send(new InvokeCommand({ FunctionName: 'f', ClientContext: Buffer.from(text).toString('base64') }));
    const sent = Buffer.from(String(rig.wire[0]?.headers['x-amz-client-context']), 'base64').toString();
    expect(sent.replace(/,"traceparent":"[^"]*"/, '')).toBe(text);
    expect(sent).toContain('traceparent');
  });

  test('a client context that is full, or cannot be read, goes as it is', async () => {
    const custom = Buffer.from('{"custom":"mine"}').toString('base64');
    for (const given of [
      Buffer.from(JSON.stringify({ a: 'x'.repeat(2_600) })).toString('base64'),
      'bm8ganNvbg==',
      custom,
    ]) {
      rig.wire.length = 0;
      await lambda.send(new InvokeCommand({ FunctionName: 'f', ClientContext: given }));
      expect(rig.wire[0]?.headers['x-amz-client-context']).toBe(given);
    }
  });
});

test('a deadline for slowness goes with no message, of whatever kind its span is', async () => {
  const parent = {
    traceId: '0af7651916cd43dd8448eb211c80319c',
    spanId: 'b7ad6b7169203331',
    traceFlags: 1,
    traceState: withDeadline(undefined, Date.now() + 1_000),
    isRemote: true,
  };
  const from = trace.setSpanContext(context.active(), parent);
  await context.with(from, async () => {
    await sns.send(new PublishCommand({ TopicArn, Message: 'a' }));
    await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: [{ Id: 'a', Message: 'a' }] }));
  });
  const carrier: Record<string, string> = {};
  propagation.inject(from, carrier);
  for (const { body: sent } of rig.wire) expect(JSON.stringify(sent)).not.toContain('keeptrace');
  expect(rig.wire).toHaveLength(2);
});
