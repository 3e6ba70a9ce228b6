// Where the trace of a message comes from.
import { propagation, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { messageOrigin } from '../../src/messaging/message-origin.ts';
import type { QueueMessage } from '../../src/messaging/message-view.ts';
import { event, notification, ownXray, spanId, text, traceId, traceparent, xray } from './traced.ts';

const other = 'ffffffffffffffffffffffffffffffff'.replace(/^f/, '1');
const otherParent = `00-${other}-${spanId}-01`;

function found(message: QueueMessage, header?: 'auto' | 'parent' | 'link') {
  const { context, source, deliveredVia, link } = messageOrigin(message, header);
  const parent = trace.getSpanContext(context);
  return {
    parent: parent?.traceId,
    remote: parent?.isRemote,
    source,
    deliveredVia,
    ...(link !== undefined && { link: link.traceId }),
  };
}
const nothing = { parent: undefined, remote: undefined, source: 'none', deliveredVia: 'sqs' };
const attributeOf = (value: object) => ({ MessageAttributes: { traceparent: value } });
const byAttribute = { parent: traceId, remote: true, source: 'message_attribute', deliveredVia: 'sqs' };

test('case 17: a message without attributes belongs to no trace', () => {
  expect(found({ Body: '{}' })).toEqual(nothing);
  expect(found({})).toEqual(nothing);
  expect(found(undefined as unknown as QueueMessage)).toEqual(nothing);
});

test.each([
  ['garbage', 'hello'],
  ['all zero', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
  ['version ff', traceparent.replace(/^00/, 'ff')],
  ['54 characters', traceparent.slice(0, -1)],
  ['upper case', traceparent.toUpperCase()],
  ['two values', `${traceparent},${traceparent}`],
  ['empty', ''],
])('case 18: a traceparent that is malformed (%s) is none', (_, value) => {
  expect(found(attributeOf(text(value)))).toEqual(nothing);
});

test.each([
  ['no object', 'traceparent'],
  ['null', null],
  ['a list', [{ traceparent }]],
  ['an entry that is null', { traceparent: null }],
  ['an entry of numbers', { traceparent: { StringValue: 7 } }],
  [
    'a trap',
    new Proxy(
      {},
      {
        ownKeys: () => {
          throw new Error('trap');
        },
      },
    ),
  ],
])('case 18: attributes that are %s cost nobody anything', (_, attributes) => {
  expect(found({ MessageAttributes: attributes as object })).toEqual(nothing);
});

test('case 19: a later version with more fields is read', () => {
  expect(found(attributeOf(text(`01-${traceId}-${spanId}-01-more`)))).toEqual(byAttribute);
});

test('case 20: a malformed traceparent falls back to the trace header, where that is nobody else’s', () => {
  const message = { ...attributeOf(text('junk')), Body: event({}), Attributes: { AWSTraceHeader: xray(1) } };
  expect(found(message)).toEqual({ ...byAttribute, source: 'aws_trace_header', deliveredVia: 'eventbridge' });
});

test.each([
  ['another case of the name', { MessageAttributes: { Traceparent: text(traceparent) } }],
  ['bytes', attributeOf({ DataType: 'Binary', BinaryValue: Buffer.from(traceparent) })],
  ['a record of Lambda', { messageAttributes: { traceparent: { dataType: 'String', stringValue: traceparent } } }],
  [
    'bytes in a record of Lambda',
    {
      messageAttributes: {
        TraceParent: { dataType: 'Binary', binaryValue: Buffer.from(traceparent).toString('base64') },
      },
    },
  ],
])('case 21: %s', (_, message) => {
  expect(found(message)).toEqual(byAttribute);
});

test('case 22: the envelope of a notification is read, and an attribute of the message counts more', () => {
  const enveloped = { Body: notification('{}', { traceparent: { Type: 'String', Value: traceparent } }) };
  expect(found(enveloped)).toEqual({ ...byAttribute, source: 'sns_envelope', deliveredVia: 'sns' });
  expect(found({ ...enveloped, ...attributeOf(text(otherParent)) })).toEqual({ ...byAttribute, parent: other });
});

test('case 23: business JSON that looks like an envelope is not believed', () => {
  const attributes = { traceparent: { Type: 'String', Value: traceparent } };
  const bodies = [
    { MessageAttributes: attributes },
    { Type: 'Notification', MessageAttributes: attributes, Message: '{}' },
    { Type: 'Notification', TopicArn: 'arn', MessageAttributes: attributes, Message: '{}' },
    { Type: 'Order', TopicArn: 'arn', MessageId: '1', MessageAttributes: attributes, Message: '{}' },
    { Type: 'Notification', TopicArn: 'arn', MessageId: '1', MessageAttributes: attributes, Message: { not: 'text' } },
  ];
  for (const body of bodies) expect(found({ Body: JSON.stringify(body) })).toEqual(nothing);
});

const header = (sampled: 0 | 1, Body = '{}') => ({ Body, Attributes: { AWSTraceHeader: xray(sampled) } });
const viaHeader = { remote: true, source: 'aws_trace_header', deliveredVia: 'sqs' };
const linked = { ...viaHeader, parent: undefined, remote: undefined, link: traceId };

test('cases 20, 25: behind EventBridge and S3 a sampled trace header is the parent', () => {
  expect(found(header(1, event({})))).toEqual({ ...viaHeader, parent: traceId, deliveredVia: 'eventbridge' });
  const s3 = JSON.stringify({ Records: [{ eventSource: 'aws:s3', s3: {} }] });
  expect(found(header(1, s3))).toEqual({ ...viaHeader, parent: traceId, deliveredVia: 's3' });
  expect(found(header(1, notification(event({}))))).toEqual({ ...viaHeader, parent: traceId, deliveredVia: 'sns' });
});

test('cases 4, 8: so it is where the message had no room for an attribute', () => {
  const ten = Object.fromEntries(Array.from({ length: 10 }, (_, at) => [`a${at}`, text('x')]));
  expect(found({ ...header(1), MessageAttributes: ten })).toEqual({ ...viaHeader, parent: traceId });
  expect(found(header(1, 'x'.repeat(1_048_576)))).toEqual({ ...viaHeader, parent: traceId });
  expect(found(header(1, 'ä'.repeat(524_288)))).toEqual({ ...viaHeader, parent: traceId });
  expect(found(header(1, 'x'.repeat(262_100)))).toEqual({ ...viaHeader, parent: traceId });
  expect(found(header(1, 'ä'.repeat(131_050)))).toEqual({ ...viaHeader, parent: traceId });
  const large = { a: text('x'.repeat(100_000)) };
  expect(found({ ...header(1, 'x'.repeat(162_100)), MessageAttributes: large })).toEqual({
    ...viaHeader,
    parent: traceId,
  });
  for (const bytes of [100_000, 262_000, 262_200, 1_000_000])
    expect(found(header(1, 'x'.repeat(bytes)))).toEqual(linked);
  const { a0: _, ...nine } = ten;
  expect(found({ ...header(1), MessageAttributes: nine })).toEqual(linked);
});

test('case 27: an unsampled or possibly foreign trace header is a link, and an attribute counts more than it', () => {
  expect(found(header(0, event({})))).toEqual({ ...linked, deliveredVia: 'eventbridge' });
  expect(found(header(1))).toEqual(linked);
  expect(found({ Attributes: { AWSTraceHeader: xray(0, other) }, ...attributeOf(text(traceparent)) })).toEqual(
    byAttribute,
  );
});

const ownHeader = (sampled: 0 | 1, Body: string, platform = sampled) => ({
  Body,
  Attributes: { AWSTraceHeader: ownXray(sampled, platform) },
});

test.each([
  ['case 24: behind SNS, which delivers no attributes with a structure', notification('paid'), 'sns'],
  ['case 26: in a body that a rule has reshaped', 'order 7 was paid', 'sqs'],
  ['case 26: in a reshaped body behind SNS', notification('order 7 was paid'), 'sns'],
  ['case 25: behind EventBridge', event({}), 'eventbridge'],
])('%s, a header of keeptrace is the parent', (_, body, deliveredVia) => {
  expect(found(ownHeader(1, body))).toEqual({ ...viaHeader, parent: traceId, deliveredVia });
  // That of somebody else stays what it was.
  if (deliveredVia !== 'eventbridge') expect(found(header(1, body))).toEqual({ ...linked, deliveredVia });
});

test('cases 27, 28: of a header of keeptrace, the span and the flag that it wrote count, not what the platform put beside them', () => {
  for (const [sampled, platform] of [
    [1, 0],
    [0, 1],
    [0, 0],
  ] as const) {
    const { context } = messageOrigin(ownHeader(sampled, '{}', platform));
    expect(trace.getSpanContext(context)).toEqual({ traceId, spanId, traceFlags: sampled, isRemote: true });
  }
  expect(found(ownHeader(1, '{}'), 'link')).toEqual(linked);
});

test('whoever knows all producers of a queue decides what the trace header is', () => {
  expect(found(header(0), 'parent')).toEqual({ ...viaHeader, parent: traceId });
  expect(found(header(1, event({})), 'link')).toEqual({ ...linked, deliveredVia: 'eventbridge' });
});

test('case 29: baggage of a message arrives, with a trace or without', () => {
  const baggage = { baggage: text('tenant=acme') };
  const alone = messageOrigin({ MessageAttributes: baggage });
  expect(propagation.getBaggage(alone.context)?.getEntry('tenant')?.value).toBe('acme');
  const both = messageOrigin({ MessageAttributes: { ...baggage, traceparent: text(traceparent) } });
  expect(propagation.getBaggage(both.context)?.getEntry('tenant')?.value).toBe('acme');
});

test('case 29: of a huge baggage and tracestate the trace remains', () => {
  const huge = Array.from({ length: 300 }, (_, at) => `k${at}=${'v'.repeat(100)}`).join(',');
  const state = Array.from({ length: 33 }, (_, at) => `v${at}=1`).join(',');
  const { context } = messageOrigin({
    MessageAttributes: { traceparent: text(traceparent), baggage: text(huge), tracestate: text(state) },
  });
  const parent = trace.getSpanContext(context);
  expect(parent?.traceId).toBe(traceId);
  expect(parent?.traceState?.serialize().split(',').length ?? 0).toBeLessThanOrEqual(32);
});
