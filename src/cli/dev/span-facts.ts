// What the product's own rules say of a received span: is it an error, does the trace enter a process with it. Pure.
import type { Attributes } from '@opentelemetry/api';
import type { ReceivedKind, ReceivedSpan, ReceivedStatusCode } from '../../receiver/received-span.ts';
import { isErrorSpan } from '../../sampling/is-error.ts';

/** Numbers of `SpanKind` and `SpanStatusCode` of the API. */
const KINDS: Record<ReceivedKind, number> = {
  unspecified: 0,
  internal: 0,
  server: 1,
  client: 2,
  producer: 3,
  consumer: 4,
};
const CODES: Record<ReceivedStatusCode, number> = { unset: 0, ok: 1, error: 2 };

export function isError(span: ReceivedSpan): boolean {
  // Nearly all spans: nothing on them that any rule looks at.
  if (span.status.code === 'unset' && span.events.length === 0 && !mayTellAnError(span.attributes)) return false;
  return isErrorSpan({
    kind: KINDS[span.kind],
    status: { code: CODES[span.status.code], message: span.status.message },
    attributes: span.attributes as Attributes,
    events: span.events.map(({ name, attributes }) => ({ name, attributes: attributes as Attributes, time: [0, 0] })),
    instrumentationScope: span.scope,
  });
}

const mayTellAnError = (attributes: Record<string, unknown>) =>
  attributes['http.response.status_code'] !== undefined ||
  attributes['http.status_code'] !== undefined ||
  attributes['rpc.grpc.status_code'] !== undefined ||
  attributes['rpc.system.name'] !== undefined ||
  attributes['rpc.system'] !== undefined;

/** Bits of OTLP's `flags`: whether the parent is remote, and whether that is known at all. */
const IS_REMOTE_KNOWN = 0x100;
const IS_REMOTE = 0x200;

/** Whether the trace begins with this span or enters a process with it: what the limit for slow requests is held against. */
export function isEntry(span: ReceivedSpan, parent: ReceivedSpan | undefined): boolean {
  if (span.parentSpanId === undefined) return true;
  if ((span.flags & IS_REMOTE_KNOWN) !== 0) return (span.flags & IS_REMOTE) !== 0;
  return parent === undefined || serviceOf(parent) !== serviceOf(span) || span.kind === 'server';
}

/** Waiting for messages is not slow; working on one can be. */
export const isWaiting = (span: ReceivedSpan): boolean =>
  span.attributes['messaging.operation.type'] === 'receive' || span.attributes['messaging.operation'] === 'receive';

export function serviceOf(span: ReceivedSpan): string {
  const name = span.resource['service.name'];
  return name === undefined || name === null || name === '' ? 'unknown_service' : String(name);
}
