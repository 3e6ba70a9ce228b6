import { describe, expect, test } from 'vitest';
import { answer, fails } from '../answers.ts';
import { spansOf } from '../spans.ts';

describe('toHaveRequiredAttributes', () => {
  const http = { 'http.request.method': 'GET', 'http.response.status_code': 200 };
  test.each([
    ['an HTTP server', { kind: 'server', attributes: { ...http, 'http.route': '/x' } }],
    [
      'a request that no route was there for',
      { kind: 'server', attributes: { ...http, 'http.response.status_code': 404 } },
    ],
    [
      'a client that left',
      {
        kind: 'server',
        attributes: { 'http.request.method': 'GET', 'http.route': '/x', 'keeptrace.client_left': true },
      },
    ],
    ['an RPC server', { kind: 'server', attributes: { 'rpc.system': 'grpc', 'rpc.method': 'Place' } }],
    ['an HTTP client', { kind: 'client', attributes: { ...http, 'server.address': 'a' } }],
    ['a database by its older names', { kind: 'client', attributes: { 'db.system': 'redis', 'db.operation': 'GET' } }],
    [
      'messaging',
      { kind: 'producer', attributes: { 'messaging.system': 'aws_sqs', 'messaging.destination.name': 'q' } },
    ],
    ['work of the app', { kind: 'internal' }],
  ] as const)('passes for %s', (_, spec) => {
    expect(answer('toHaveRequiredAttributes', spansOf(spec)).pass).toBe(true);
  });

  test.each([
    ['server', {}, '(an HTTP server) lacks http.request.method, http.route, http.response.status_code'],
    ['server', { 'rpc.system': 'grpc' }, '(an RPC) lacks rpc.method'],
    ['client', { 'http.request.method': 'GET' }, '(an HTTP client) lacks server.address, http.response.status_code'],
    ['client', { 'db.query.text': 'SELECT' }, '(a database client) lacks db.system.name, db.operation.name'],
    ['consumer', { 'messaging.system': 'nats' }, '(messaging) lacks messaging.destination.name'],
  ] as const)('fails for a %s with %o', (kind, attributes, words) => {
    expect(answer('toHaveRequiredAttributes', spansOf({ name: 'x', kind, attributes })).lines.slice(0, 2)).toEqual([
      'Attributes are missing:',
      `  ${kind} "x" ${words}`,
    ]);
  });

  test('further attributes are asked for by kind', () => {
    const spans = spansOf({ name: 'x' });
    expect(answer('toHaveRequiredAttributes', spans, { internal: ['team'] })).toEqual(
      fails(['Attributes are missing:', '  internal "x" lacks team', 'The spans:', '  x   shop']),
    );
    expect(answer('toHaveRequiredAttributes', spans, { server: ['team'] }).pass).toBe(true);
  });
});
