// Owns the mark on attributes to which the app itself has given a context: sending leaves that as it is, and links to it.
import { type Span, trace } from '@opentelemetry/api';
import { carriers } from './carriers.ts';
import { extractHeaders, hasCreatedContext } from './headers.ts';

/** The conventions ask that a context given when a message was created is not replaced when it is sent. */
export function linkCreated(span: Span, attributes: unknown): void {
  if (!hasCreatedContext(attributes)) return;
  const created = trace.getSpanContext(extractHeaders(carriers.sqs, attributes as never));
  if (created !== undefined) span.addLink({ context: created });
}
