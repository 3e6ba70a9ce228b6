// Owns the kind of a span that has started already, for which the API has no call.
import type { Span, SpanKind } from '@opentelemetry/api';

/** The instrumentation of the AWS SDK knows other kinds than the conventions. A span that shows none keeps what it has. */
export function setKind(span: Span, kind: SpanKind): void {
  const shown = span as { kind?: SpanKind };
  if (typeof shown.kind === 'number') shown.kind = kind;
}
