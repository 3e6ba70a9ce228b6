// Owns what the SDK tells of a call beside its answer: the id that AWS gave it, and how often it was sent.
import type { Span } from '@opentelemetry/api';

export interface AwsMetadata {
  requestId?: unknown;
  httpStatusCode?: unknown;
  /** 1 unless the SDK tried again. */
  attempts?: unknown;
}

/** The request inside is not traced, so that this alone says why a call took long. */
export function describeAttempts(span: Span, metadata: AwsMetadata | undefined): void {
  const attempts = metadata?.attempts;
  if (typeof attempts === 'number' && attempts > 1) span.setAttribute('http.request.resend_count', attempts - 1);
}
