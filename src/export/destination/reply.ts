// Judges an answer by the OTLP/HTTP rules: accepted, worth another attempt, or refused for good. Pure.
import { type IExportTraceServiceResponse, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { ExportLimits } from '../limits.ts';
import { parseRetryAfter } from '../sender/retry.ts';
import type { Outcome } from './destination-contract.ts';
import { notOtlpFailure, partialFailure, statusFailure } from './failure-causes.ts';
import type { Reply } from './transport.ts';

/** OTLP specification 1.10, "Failures": these four and no other are to be repeated. */
const RETRYABLE = new Set([429, 502, 503, 504]);

export interface JudgeContext {
  label: string;
  limits: ExportLimits;
  /** Removes secrets from text that came from the server. */
  scrub: (text: string) => string;
}

export function judge(reply: Reply, spanCount: number, context: JudgeContext): Outcome {
  const { status } = reply;
  if (status >= 200 && status < 300) return accepted(reply, spanCount, context);
  const failure = statusFailure(status, context.label, { location: reply.location, said: said(reply, context) });
  if (!RETRYABLE.has(status)) return { kind: 'rejected', failure };
  const retryAfterMs = parseRetryAfter(reply.retryAfter, context.limits, Date.now());
  return retryAfterMs === undefined ? { kind: 'retry', failure } : { kind: 'retry', failure, retryAfterMs };
}

function accepted(reply: Reply, spanCount: number, { label, scrub }: JudgeContext): Outcome {
  // Any web server may answer 200 to any POST, and then the spans are nowhere and nobody is told.
  if (reply.contentType.startsWith('text/html')) return { kind: 'rejected', failure: notOtlpFailure(label) };
  if (reply.body.length === 0) return { kind: 'accepted', rejected: 0 };
  try {
    const partial = readBody(reply).partialSuccess;
    // JSON writes an int64 as a string.
    const claimed = Math.trunc(Number(partial?.rejectedSpans ?? 0));
    const rejected = claimed > 0 ? Math.min(claimed, spanCount) : 0;
    if (rejected === 0) return { kind: 'accepted', rejected: 0 };
    return { kind: 'accepted', rejected, failure: partialFailure(label, scrub(textOf(partial?.errorMessage))) };
  } catch {
    // The status line has said yes; a body that cannot be read takes nothing back.
    return { kind: 'accepted', rejected: 0 };
  }
}

/** A message of another type takes nothing back of the count beside it. */
const textOf = (message: unknown): string => (typeof message === 'string' ? message : '');

const BRACE = 0x7b;

function readBody({ contentType, body }: Reply): IExportTraceServiceResponse {
  // No protobuf answer begins with a brace, and not every server says what it sends.
  if (contentType.includes('json') || body[0] === BRACE)
    return JSON.parse(body.toString('utf8')) as IExportTraceServiceResponse;
  return ProtobufTraceSerializer.deserializeResponse(body);
}

/** The first words of a textual error body; protobuf bodies are left out. */
function said(reply: Reply, { scrub }: JudgeContext): string {
  if (!/json|text/.test(reply.contentType)) return '';
  return scrub(reply.body.toString('utf8', 0, 512));
}
