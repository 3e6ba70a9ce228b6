// Owns the opening of a span of processing: from the context of the message, never from what happens to be active there.
import {
  type Context,
  context,
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  type Link,
  type Span,
  SpanKind,
  trace,
} from '@opentelemetry/api';
import { spanOfMessage } from './borrowed-span.ts';
import { type Incoming, spanName, startAttributes } from './job-attributes.ts';
import type { ProcessOptions } from './process-options.ts';
import { tracingIsOn } from './tracing-on.ts';

export interface ProcessSpan {
  span: Span;
  /** In which the handler runs. */
  context: Context;
  /** Ends the span, unless somebody else does. Never throws. */
  close(): void;
}

const nobody = trace.wrapSpanContext(INVALID_SPAN_CONTEXT);

/**
 * What is active is a poller's span, often one that has ended, or that of a batch; it becomes a link, as the conventions
 * want it where the producer's span is the parent.
 */
export function openProcessSpan(incoming: Incoming, options: ProcessOptions): ProcessSpan {
  if (!tracingIsOn()) return { span: nobody, context: context.active(), close() {} };
  const { origin } = incoming;
  const links: Link[] = [];
  const producer = trace.getSpanContext(origin.context);
  if (origin.deliveredVia === 'raw') {
    const theirs = spanOfMessage(producer?.traceId, incoming.destination);
    if (theirs !== undefined) return enrich(theirs, incoming, options);
  }
  let parent = origin.context;
  if (options.relationship === 'link' && producer !== undefined) {
    links.push({ context: producer });
    parent = trace.deleteSpan(parent);
  }
  if (origin.link !== undefined) links.push({ context: origin.link });
  const ambient = trace.getSpanContext(context.active());
  if (ambient !== undefined && isSpanContextValid(ambient)) links.push({ context: ambient });

  const span = start(incoming, options, links, parent);
  return { span, context: trace.setSpan(parent, span), close: () => close(span) };
}

/** Gives the span of a broker's instrumentation the name and the attributes; it ends when that says so. */
function enrich(span: Span, incoming: Incoming, options: ProcessOptions): ProcessSpan {
  try {
    const name = spanName(incoming, options);
    span.updateName(name).setAttributes(startAttributes(incoming, options, name));
  } catch {
    // Attributes that throw when they are read.
  }
  return { span, context: context.active(), close() {} };
}

function close(span: Span): void {
  try {
    if (span.isRecording()) span.end();
  } catch {
    // A foreign span processor threw; the message is more important.
  }
}

function start(incoming: Incoming, options: ProcessOptions, links: Link[], parent: Context): Span {
  try {
    const name = spanName(incoming, options);
    const attributes = startAttributes(incoming, options, name);
    return trace.getTracer('keeptrace').startSpan(name, { kind: SpanKind.CONSUMER, attributes, links }, parent);
  } catch {
    // Attributes that throw when they are read, or a foreign provider: the message matters more than its span.
    return trace.wrapSpanContext(trace.getSpanContext(parent) ?? { traceId: '', spanId: '', traceFlags: 0 });
  }
}
