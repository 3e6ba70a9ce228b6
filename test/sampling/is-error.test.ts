import { type Attributes, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { describe, expect, test } from 'vitest';
import { type ErrorEvidence, isErrorSpan } from '../../src/sampling/is-error.ts';

interface Parts {
  kind?: SpanKind;
  status?: SpanStatusCode;
  attributes?: Attributes;
  exception?: string | true;
  scope?: string;
}

const { SERVER, CLIENT, INTERNAL, CONSUMER } = SpanKind;
const { ERROR, OK } = SpanStatusCode;
const aws = '@opentelemetry/instrumentation-aws-sdk';

function span({ kind = INTERNAL, status = SpanStatusCode.UNSET, attributes = {}, exception, scope = 'app' }: Parts) {
  const recorded = exception !== undefined && {
    time: [0, 0] as [number, number],
    name: 'exception',
    attributes: exception === true ? {} : { 'exception.type': exception },
  };
  return {
    kind,
    status: { code: status },
    attributes,
    events: recorded ? [{ time: [0, 0] as [number, number], name: 'log' }, recorded] : [],
    instrumentationScope: { name: scope },
  } satisfies ErrorEvidence;
}

const http = (code: number, more: Attributes = {}) => ({ 'http.response.status_code': code, ...more });
const grpc = (code: number) => ({ 'rpc.system': 'grpc', 'rpc.grpc.status_code': code });
const rpc = (code: string) => ({ 'rpc.system.name': 'grpc', 'rpc.response.status_code': code });

describe('an error is', () => {
  test.each<[string, Parts]>([
    ['a span of status ERROR', { status: ERROR }],
    ['one of any kind', { status: ERROR, kind: CONSUMER }],
    ['an exception on a span without a status', { exception: 'TypeError' }],
    ['an exception without a type', { exception: true }],
    ['a response of 500', { kind: SERVER, attributes: http(500) }],
    ['a response of 503 by its older name', { kind: SERVER, attributes: { 'http.status_code': 503 } }],
    ['a response of 599 that the app calls OK', { kind: SERVER, status: OK, attributes: http(599) }],
    ['an answer of 502', { kind: CLIENT, status: ERROR, attributes: http(502, { 'error.type': '502' }) }],
    ['an answer of 500 whose span has no status', { kind: CLIENT, attributes: http(500) }],
    ['a connection refused', { kind: CLIENT, status: ERROR, attributes: { 'error.type': 'ECONNREFUSED' } }],
    ['a deadline', { kind: CLIENT, status: ERROR, attributes: { 'error.type': 'TimeoutError' }, exception: '23' }],
    [
      'a deadline in an AbortError',
      { kind: CLIENT, status: ERROR, attributes: { 'error.type': 'TimeoutError' }, exception: 'ABORT_ERR' },
    ],
    [
      'a 404 whose body broke off',
      { kind: CLIENT, status: ERROR, attributes: http(404, { 'error.type': 'ECONNRESET' }), exception: 'ECONNRESET' },
    ],
    ['a 4xx that a server calls an error', { kind: SERVER, status: ERROR, attributes: http(422) }],
    ['an AWS call that found nobody', { kind: CLIENT, status: ERROR, exception: 'TimeoutError', scope: aws }],
    ['an AWS answer of 503', { kind: CLIENT, status: ERROR, exception: 'SlowDown', scope: aws, attributes: http(503) }],
    ['a database error', { kind: CLIENT, status: ERROR, attributes: { 'error.type': '23505' }, exception: '23505' }],
    ...[2, 4, 13, 14, 15].map((code): [string, Parts] => [
      `gRPC code ${code}`,
      { kind: CLIENT, attributes: grpc(code) },
    ]),
    ...['UNKNOWN', 'DEADLINE_EXCEEDED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS', '13'].map((code): [string, Parts] => [
      `RPC status ${code}`,
      { kind: SERVER, attributes: rpc(code) },
    ]),
    [
      'Connect code data_loss',
      { attributes: { 'rpc.system': 'connect_rpc', 'rpc.connect_rpc.error_code': 'data_loss' } },
    ],
    ['the newest name of the status', { attributes: { 'rpc.system.name': 'grpc', 'rpc.status_code': 'INTERNAL' } }],
    [
      'status ERROR with a code of JSON-RPC',
      { status: ERROR, attributes: { 'rpc.system.name': 'jsonrpc', 'rpc.response.status_code': '-32602' } },
    ],
    ['an exception in a call that went well', { attributes: grpc(0), exception: 'TypeError' }],
  ])('%s', (_, parts) => {
    expect(isErrorSpan(span(parts))).toBe(true);
  });
});

describe('no error is', () => {
  test.each<[string, Parts]>([
    ['a span that went well', {}],
    ['a span of status OK', { status: OK }],
    ['an exception that the app calls OK', { status: OK, exception: 'RetryError' }],
    ['an event of another name', { attributes: {} }],
    ['a response of 404', { kind: SERVER, attributes: http(404) }],
    ['a response of 499', { kind: SERVER, attributes: http(499) }],
    ...[400, 401, 404, 409, 429, 499].map((code): [string, Parts] => [
      `an answer of ${code}`,
      { kind: CLIENT, status: ERROR, attributes: http(code, { 'error.type': String(code) }) },
    ]),
    ['an answer of 404 by its older name', { kind: CLIENT, status: ERROR, attributes: { 'http.status_code': 404 } }],
    [
      'an AWS answer of 404, although the SDK throws',
      {
        kind: CLIENT,
        status: ERROR,
        attributes: http(404, { 'error.type': 'NotFound' }),
        exception: 'NotFound',
        scope: aws,
      },
    ],
    [
      'a call that the app took back',
      { kind: CLIENT, status: ERROR, attributes: { 'error.type': 'AbortError' }, exception: 'ABORT_ERR' },
    ],
    [
      'one that axios took back',
      { status: ERROR, attributes: { 'error.type': 'ERR_CANCELED' }, exception: 'ERR_CANCELED' },
    ],
    ['one that only the exception tells of', { status: ERROR, exception: 'AbortError' }],
    ...[1, 3, 5, 6, 7, 8, 9, 10, 11, 12, 16].map((code): [string, Parts] => [
      `gRPC code ${code}, although its span says ERROR`,
      { kind: CLIENT, status: ERROR, attributes: grpc(code) },
    ]),
    ['RPC status NOT_FOUND', { kind: SERVER, status: ERROR, attributes: rpc('NOT_FOUND') }],
    ['RPC status OK', { kind: SERVER, attributes: rpc('OK') }],
    ['a status code without an RPC system', { attributes: { 'rpc.response.status_code': 'INTERNAL' } }],
  ])('%s', (_, parts) => {
    expect(isErrorSpan(span(parts))).toBe(false);
  });

  test('what happened in a scope that is left out', () => {
    const rules = { ignoredScopes: new Set(['@opentelemetry/instrumentation-pg']) };
    const failed = { kind: CLIENT, status: ERROR, exception: '23505' };
    expect(isErrorSpan(span({ ...failed, scope: '@opentelemetry/instrumentation-pg' }), rules)).toBe(false);
    expect(isErrorSpan(span({ ...failed, scope: 'app' }), rules)).toBe(true);
  });
});
