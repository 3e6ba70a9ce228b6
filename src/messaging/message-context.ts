// Owns what one message is given of its span: attributes where they fit, the X-Ray header where only that does.
import { type Context, diag, propagation, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { fillAttributes } from './aws-attributes.ts';
import { bytesLeft, messageBytes } from './aws-size.ts';
import type { MessageAttributes } from './carriers.ts';
import { type BaggageChoice, hasCreatedContext, headersOf, staleKeys } from './headers.ts';
import { platformHeader } from './platform-header.ts';
import { toXRayHeader } from './xray-header.ts';

/** Where a message has its context: said on its span, because it tells what a broken trace is missing. */
export type ContextCarrier =
  | 'message_attribute'
  | 'aws_trace_header'
  | 'client_context'
  | 'http_header'
  | 'mixed'
  | 'none';

export interface SqsEntry {
  MessageBody?: string | undefined;
  MessageAttributes?: MessageAttributes | undefined;
  MessageSystemAttributes?: MessageAttributes | undefined;
}
export interface SnsEntry {
  Message?: string | undefined;
  MessageAttributes?: MessageAttributes | undefined;
}

const noRoom =
  'a message goes out with its trace, but without tracestate or baggage: it has eight attributes of its own or more, or ' +
  'is near the size limit. Leave two of the ten attributes free to have them sent.';

const muchBaggage =
  'a message goes out without its baggage, which is over 1,024 bytes. Name fewer entries in KEEPTRACE_MESSAGE_BAGGAGE ' +
  '(option messageBaggage), or shorter ones.';
/** It is billed with each message, and stays in the queue. */
const mostBaggage = 1_024;

/** What one request sends with its messages. */
export interface Sending {
  baggage: BaggageChoice;
  /** Where baggage comes from. */
  ambient: Context;
  /** Bytes that all messages of the request may grow by. */
  bytes: number;
}

/** Room for the bytes of all messages together: a batch is held to the limit of a message. */
export function sendingOf(ambient: Context, baggage: BaggageChoice, bodies: readonly (SqsEntry & SnsEntry)[]): Sending {
  let used = 0;
  for (const one of bodies) used += messageBytes(one?.MessageBody ?? one?.Message, one?.MessageAttributes);
  return { ambient, baggage, bytes: bytesLeft(used) };
}

/** What of `entry` has to be replaced for it to carry `span`. */
export function sqsEntry(entry: SqsEntry, span: SpanContext, sending: Sending): [SqsEntry, ContextCarrier] {
  const [fields, carried] = fill(entry, span, sending);
  if (carried) return [fields, 'message_attribute'];
  const system = entry.MessageSystemAttributes;
  if (system?.AWSTraceHeader !== undefined) return [fields, 'none'];
  const header = toXRayHeader(span, platformHeader());
  fields.MessageSystemAttributes = { ...system, AWSTraceHeader: { DataType: 'String', StringValue: header } };
  return [fields, 'aws_trace_header'];
}

/** The same, if there is room: SNS has no system attributes. */
export function snsEntry(entry: SnsEntry, span: SpanContext, sending: Sending): [SnsEntry, ContextCarrier] {
  const [fields, carried] = fill(entry, span, sending);
  return [fields, carried ? 'message_attribute' : 'none'];
}

function fill(entry: SqsEntry & SnsEntry, span: SpanContext, sending: Sending): [SqsEntry, boolean] {
  const given = entry.MessageAttributes;
  if (hasCreatedContext(given)) return [{}, true];
  const from = trace.setSpanContext(withBaggageOf(sending.ambient), span);
  const all = headersOf(from, sending.baggage);
  const headers = all.filter(([name, value]) => name !== 'baggage' || value.length <= mostBaggage);
  if (headers.length < all.length) diag.warn(muchBaggage);
  // The limit may be nearer for the one message than for all of them.
  const room = Math.min(sending.bytes, bytesLeft(messageBytes(entry.MessageBody ?? entry.Message, given)));
  const { attributes, carried, cut, bytes } = fillAttributes(given, headers, new Set(staleKeys()), room);
  sending.bytes -= bytes;
  // Always the same words, so that whoever prints them can do so once.
  if (cut) diag.warn(noRoom);
  // Also where it is undefined: there may have been some, all of another message's context.
  return [attributes === given ? {} : { MessageAttributes: attributes }, carried];
}

/** From the root, since the context of a call in which tracing is suppressed would write no header. */
function withBaggageOf(ambient: Context): Context {
  const baggage = propagation.getBaggage(ambient);
  return baggage === undefined ? ROOT_CONTEXT : propagation.setBaggage(ROOT_CONTEXT, baggage);
}
