// Do spans carry what backends build their views from (semantic conventions 1.45; older names count as well).
import type { ReceivedKind } from '../../receiver/received-span.ts';
import { spanLabel, type TestSpan } from '../test-span.ts';
import { forEverySpan, type Verdict } from './verdict.ts';

/** Attribute names; a list in the list: one of them is enough. */
type Required = readonly (string | readonly string[])[];

const failed = ['http.response.status_code', 'http.status_code', 'error.type'];
const statusOf = (attributes: TestSpan['attributes']) =>
  attributes['http.response.status_code'] ?? attributes['http.status_code'];
const method = ['http.request.method', 'http.method'];
const rows: readonly { what: string; fits(span: TestSpan): boolean; required: Required }[] = [
  {
    what: 'an RPC',
    fits: (span) => has(span, ['rpc.system', 'rpc.system.name']),
    required: [['rpc.method', 'rpc.service']],
  },
  {
    what: 'an HTTP server without a route for the request',
    fits: ({ kind, attributes }) => kind === 'server' && [404, 405].includes(Number(statusOf(attributes))),
    required: [method],
  },
  {
    what: 'an HTTP server',
    fits: (span) => span.kind === 'server',
    // A client that left before the answer has no status to tell of.
    required: [method, 'http.route', [...failed, 'keeptrace.client_left']],
  },
  {
    what: 'a database client',
    fits: (span) => span.kind === 'client' && has(span, ['db.system.name', 'db.system'], /^db\./),
    required: [
      ['db.system.name', 'db.system'],
      ['db.operation.name', 'db.query.summary', 'db.operation'],
    ],
  },
  {
    what: 'an HTTP client',
    fits: (span) => span.kind === 'client' && has(span, method),
    required: [method, ['server.address', 'net.peer.name'], failed],
  },
  {
    what: 'messaging',
    fits: (span) => span.kind === 'producer' || span.kind === 'consumer',
    required: ['messaging.system', 'messaging.destination.name'],
  },
];

/** @param more further names by kind, which your team has agreed upon */
export function hasRequiredAttributes(
  spans: readonly TestSpan[],
  more: Partial<Record<ReceivedKind, readonly string[]>> = {},
): Verdict {
  return forEverySpan(
    spans,
    'Every span has the attributes of its kind.',
    (spans) =>
      spans.flatMap((span) => {
        const row = rows.find(({ fits }) => fits(span));
        const required = [...(row?.required ?? []), ...(more[span.kind] ?? [])];
        const lacking = required.filter((names) => !has(span, [names].flat()));
        if (lacking.length === 0) return [];
        const as = row === undefined ? '' : ` (${row.what})`;
        return [`${spanLabel(span)}${as} lacks ${lacking.map((names) => [names].flat()[0]).join(', ')}`];
      }),
    'Attributes are missing',
  );
}

function has({ attributes }: TestSpan, names: readonly string[], pattern?: RegExp): boolean {
  if (names.some((name) => attributes[name] !== undefined && attributes[name] !== '')) return true;
  return pattern !== undefined && Object.keys(attributes).some((name) => pattern.test(name));
}
