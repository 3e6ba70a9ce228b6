// Owns where the trace of a message comes from, and how far each place is believed. Pure but for the propagator.
import { type Context, ROOT_CONTEXT, type SpanContext, TraceFlags, trace } from '@opentelemetry/api';
import { attributeBytes, bytesLeft, messageBytes } from './aws-size.ts';
import { carriers, type MessageAttributes, mostAttributes } from './carriers.ts';
import { extractHeaders } from './headers.ts';
import { type QueueMessage, type SqsView, viewOf } from './message-view.ts';
import { fromXRayHeader, ownXRayContext } from './xray-header.ts';

export type ContextSource = 'message_attribute' | 'sns_envelope' | 'aws_trace_header' | 'header' | 'none';

export interface MessageOrigin {
  /** To start the span from; without a span where there is none that can be a parent. */
  context: Context;
  source: ContextSource;
  /** Who put the message into the queue. */
  deliveredVia: 'sqs' | 'sns' | 'eventbridge' | 's3' | 'raw';
  /** A context that may be somebody else's, hence no parent. */
  link?: SpanContext;
}

/**
 * The attributes of the message, then those in the envelope of a notification, then the trace header that AWS hands on.
 *
 * Inside Lambda the AWS SDK sends the platform's trace header by itself, mostly with `Sampled=0`. As a parent that would
 * tear a message out of its trace and have it dropped. A header that keeptrace has written says so and is the parent,
 * sampled or not. Any other is one only when it is sampled and nothing else could have carried a context: behind
 * EventBridge and S3, or where the message had no room for an attribute. Otherwise it is a link.
 *
 * @param header what the header is, if you know better: `parent` when all who send into the queue trace what they do
 */
export function messageOrigin(message: QueueMessage, header: 'auto' | 'parent' | 'link' = 'auto'): MessageOrigin {
  return originOf(viewOf(message), header);
}

export function originOf(view: SqsView, header: 'auto' | 'parent' | 'link' = 'auto'): MessageOrigin {
  const own = view.attributes === undefined ? ROOT_CONTEXT : extractHeaders(carriers.sqs, view.attributes);
  // Neither SNS nor EventBridge sets attributes beside its envelope, so the body need not be looked into.
  if (hasSpan(own)) return { context: own, source: 'message_attribute', deliveredVia: 'sqs' };

  const { envelope } = view;
  const deliveredVia = envelope?.via ?? 'sqs';
  if (envelope?.attributes !== undefined) {
    const context = extractHeaders(carriers.sns, envelope.attributes as MessageAttributes);
    if (hasSpan(context)) return { context, source: 'sns_envelope', deliveredVia };
  }

  const written = view.system('AWSTraceHeader');
  const ours = ownXRayContext(written);
  const found = ours ?? fromXRayHeader(written);
  if (found === undefined) return { context: own, source: 'none', deliveredVia };
  const sampled = (found.traceFlags & TraceFlags.SAMPLED) !== 0;
  const only = envelope?.attributesLost === true || hadNoRoom(view);
  const isParent = header === 'parent' || (header === 'auto' && (ours !== undefined || (sampled && only)));
  return isParent
    ? { context: trace.setSpanContext(own, found), source: 'aws_trace_header', deliveredVia }
    : { context: own, source: 'aws_trace_header', deliveredVia, link: found };
}

/** No message with fewer bytes has been refused for its size. */
const smallestFull = 262_144 - 200;

function hasSpan(context: Context): boolean {
  return trace.getSpanContext(context) !== undefined;
}

function hadNoRoom({ attributes, envelope, body }: SqsView): boolean {
  const all = (envelope?.attributes ?? attributes) as MessageAttributes | undefined;
  if (Object.keys(all ?? {}).length >= mostAttributes) return true;
  // Whoever counts bytes counts those below a quarter of a mebibyte in vain, mostly.
  if (body === undefined || body.length * 3 < smallestFull) return false;
  return bytesLeft(messageBytes(body, attributes)) < attributeBytes('traceparent', 'x'.repeat(55));
}
