import { type Attributes, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { takeSpans } from './traced.ts';

/** A failed span of an instrumentation, as it ended. */
function failed(scope: string, options: { attributes?: Attributes; exception?: object; message?: string }) {
  const span = trace.getTracer(`@opentelemetry/instrumentation-${scope}`).startSpan('s', { kind: SpanKind.CLIENT });
  span.setAttributes(options.attributes ?? {});
  if (options.exception !== undefined) span.recordException(options.exception as Error);
  span.setStatus({ code: SpanStatusCode.ERROR, ...(options.message !== undefined && { message: options.message }) });
  span.end();
  return takeSpans()[0]!;
}

describe('error.type of a failed call', () => {
  test.each([
    ['http', 'Error', { name: 'Error', code: 'ECONNRESET', message: 'm' }, 'ECONNRESET'],
    ['http', 'TypeError', { name: 'TypeError', code: 'X', message: 'm' }, 'TypeError'],
    ['http', '404', undefined, '404'],
    ['undici', 23, { name: 'TimeoutError', code: 23, message: 'm' }, 'TimeoutError'],
    ['undici', 9, { name: 'NotSupportedError', code: 9, message: 'm' }, '9'],
    ['undici', 'UND_ERR_SOCKET', { code: 'UND_ERR_SOCKET', message: 'm' }, 'UND_ERR_SOCKET'],
  ])('%s: %s becomes what the exception knows better', (scope, type, exception, expected) => {
    const { attributes } = failed(scope, { attributes: { 'error.type': type }, ...(exception && { exception }) });
    expect(attributes['error.type']).toBe(expected);
  });

  test('of others is left alone', () => {
    const exception = { name: 'Error', code: 'ECONNRESET', message: 'm' };
    expect(failed('ioredis', { attributes: { 'error.type': 'Error' }, exception }).attributes['error.type']).toBe(
      'Error',
    );
  });
});

describe('a failed query', () => {
  const sentence = (type: string, code: string) => ({
    message: `PostgreSQL error of type '${type}' occurred (code: ${code})`,
  });

  test.each([
    ['error', '22P02', 'invalid input: "CANARY"', '22P02', '22P02', 'invalid input: "?"'],
    ['error', '23505', 'duplicate key "orders_pkey"', '23505', '23505', 'duplicate key "orders_pkey"'],
    [
      'Error',
      'ECONNREFUSED',
      'connect ECONNREFUSED 127.0.0.1:1',
      'ECONNREFUSED',
      undefined,
      'connect ECONNREFUSED 127.0.0.1:1',
    ],
    ['Error', 'UNKNOWN', 'Connection terminated "CANARY"', 'Error', undefined, 'Connection terminated "?"'],
  ])('of type %s with code %s', (type, code, message, errorType, status, masked) => {
    const span = failed('pg', { exception: sentence(type, code), message });
    expect(span.attributes['error.type']).toBe(errorType);
    expect(span.attributes['db.response.status_code']).toBe(status);
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: masked });
  });
});
