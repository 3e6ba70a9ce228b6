// Owns what counts as an error (R14). Pure. Not all that an instrumentation marks ERROR is one, and not all errors are
// marked: the table in test/sampling/is-error.test.ts is the definition.
import { type AttributeValue, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

export interface ErrorRules {
  /** Full names of instrumentation scopes whose errors keep nothing. Default none. */
  ignoredScopes?: ReadonlySet<string>;
}

/** What is read of a span; one that is still open can be asked about, too. */
export type ErrorEvidence = Pick<ReadableSpan, 'kind' | 'status' | 'attributes' | 'events' | 'instrumentationScope'>;

/**
 * An error is: status ERROR, an exception event (unless the app says OK), an HTTP status from 500 on, one of five RPC
 * codes. None is: a 4xx on the client's side, any other RPC code, and what the app itself called off.
 */
export function isErrorSpan(span: ErrorEvidence, rules?: ErrorRules): boolean {
  const { attributes } = span;
  const failed = span.status.code === SpanStatusCode.ERROR;
  const exception = span.events.length > 0 ? lastException(span) : undefined;
  const http = attributes['http.response.status_code'] ?? attributes['http.status_code'];
  const serverError = typeof http === 'number' && http >= 500;
  const rpc = rpcError(span);
  const suspected =
    rpc ?? (failed || serverError || (exception !== undefined && span.status.code !== SpanStatusCode.OK));
  if (!suspected) return false;
  if (rules?.ignoredScopes?.has(span.instrumentationScope.name) === true) return false;
  if (rpc === true || serverError) return true;
  return !isClientFault(span, http, exception !== undefined) && !isCalledOff(attributes['error.type'], exception);
}

/** Names of gRPC (integer codes), of Connect, and of the conventions from 1.39 on, all in upper case here. */
const rpcErrors = new Set(['UNKNOWN', 'DEADLINE_EXCEEDED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS']);
const grpcErrors = new Set<AttributeValue>([2, 4, 13, 14, 15]);

/** Undefined where no RPC code says anything. A code decides alone: instrumentations mark every code but OK as ERROR. */
function rpcError({ attributes }: ErrorEvidence): boolean | undefined {
  const number = attributes['rpc.grpc.status_code'];
  if (typeof number === 'number') return number === 0 ? undefined : grpcErrors.has(number);
  const system = attributes['rpc.system.name'] ?? attributes['rpc.system'];
  if (system === undefined) return undefined;
  const code =
    attributes['rpc.status_code'] ?? attributes['rpc.response.status_code'] ?? attributes['rpc.connect_rpc.error_code'];
  if (typeof code !== 'string' && typeof code !== 'number') return undefined;
  const name = String(code).toUpperCase();
  if (name === 'OK' || name === '0') return undefined;
  if (/^\d+$/.test(name)) return grpcErrors.has(Number(name));
  return rpcNames.has(name) ? rpcErrors.has(name) : undefined;
}

/** The other codes that gRPC and Connect have; what else stands there (an HTTP status, a JSON-RPC code) is no such code. */
const rpcNames = new Set([
  ...rpcErrors,
  'CANCELLED',
  'CANCELED',
  'INVALID_ARGUMENT',
  'NOT_FOUND',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'RESOURCE_EXHAUSTED',
  'FAILED_PRECONDITION',
  'ABORTED',
  'OUT_OF_RANGE',
  'UNIMPLEMENTED',
  'UNAUTHENTICATED',
]);

/**
 * An answer of 4xx on the caller's side: probes for things that are not there, conflicts, missing rights. The connection
 * may still have failed after it, which an exception tells – except for the AWS SDK, which throws on every 4xx.
 */
function isClientFault(span: ErrorEvidence, http: AttributeValue | undefined, hasException: boolean): boolean {
  if (span.kind !== SpanKind.CLIENT || typeof http !== 'number' || http < 400 || http >= 500) return false;
  return !hasException || span.instrumentationScope.name === '@opentelemetry/instrumentation-aws-sdk';
}

/** Of DOM, Node, axios. Deadlines have names of their own (`TimeoutError`, `ETIMEDOUT`) and count. */
const calledOff = new Set<unknown>(['AbortError', 'ABORT_ERR', 'ERR_CANCELED', 'CanceledError', 'UND_ERR_ABORTED']);

function isCalledOff(type: AttributeValue | undefined, exception: string | undefined): boolean {
  return calledOff.has(type ?? exception);
}

/** The type of the exception recorded last, '' when it has none; undefined without any. */
function lastException({ events }: ErrorEvidence): string | undefined {
  for (let i = events.length - 1; i >= 0; i -= 1) {
    const event = events[i];
    if (event?.name !== 'exception') continue;
    const type = event.attributes?.['exception.type'];
    return typeof type === 'string' ? type : '';
  }
  return undefined;
}
