// Judges what a foreign exporter said of a batch. It may be anything, so it is read with care and never printed as it is.
import { ExportResultCode } from '@opentelemetry/core';
import type { Failure, Outcome } from './destination-contract.ts';
import { connectionCauses } from './failure-causes.ts';

export interface VerdictContext {
  /** For messages: no credentials. */
  label: string;
  /** Removes secrets from text that came from the exporter. */
  scrub: (text: string) => string;
}

/** gRPC status codes that the OTLP specification calls retryable. */
const GRPC_RETRYABLE = new Set([1, 4, 8, 10, 11, 14, 15]);

/** @param result what the exporter gave its callback. Never throws. */
export function judgeResult(result: unknown, context: VerdictContext): Outcome {
  const code = read(result, 'code');
  if (code === ExportResultCode.SUCCESS) return { kind: 'accepted', rejected: 0 };
  if (code === undefined) return { kind: 'rejected', failure: failureOf('it answered without a result', context) };
  return judgeError(read(result, 'error'), context);
}

/**
 * Exporters retry by themselves; what is transient beyond that is an outage, which spans wait out in our queue.
 * Never throws.
 */
export function judgeError(error: unknown, context: VerdictContext): Outcome {
  return { kind: isTransient(read(error, 'code')) ? 'retry' : 'rejected', failure: failureOf(error, context) };
}

/** @param error an error, or a text. Never throws. */
export function failureOf(error: unknown, context: VerdictContext): Failure {
  return {
    code: keyOf(read(error, 'code')),
    what: `${context.label} failed: ${reasonOf(error, context)}`,
    fix: 'The reason comes from the exporter; see its documentation.',
  };
}

function isTransient(code: unknown): boolean {
  if (typeof code === 'number') return GRPC_RETRYABLE.has(code);
  return typeof code === 'string' && Object.hasOwn(connectionCauses, code);
}

/** Failures are remembered by it, so it must be short. */
function keyOf(code: unknown): string {
  if (typeof code === 'number') return `grpc_${code}`;
  return typeof code === 'string' && /^\w{1,60}$/.test(code) ? code : 'exporter_failed';
}

function reasonOf(error: unknown, { scrub }: VerdictContext): string {
  const message = typeof error === 'string' ? error : read(error, 'message');
  if (typeof message !== 'string') return 'no reason given';
  try {
    return scrub(message) || 'no reason given';
  } catch {
    return 'no reason given';
  }
}

/** A property of something unknown; undefined also when reading it throws. */
function read(from: unknown, key: 'code' | 'error' | 'message'): unknown {
  try {
    return (from as Record<string, unknown> | null | undefined)?.[key];
  } catch {
    return undefined;
  }
}
