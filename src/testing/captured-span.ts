// From a span of the SDK to plain data in the shape of a received one, without touching the span itself.
import type { HrTime } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { ReceivedKind, ReceivedStatusCode } from '../receiver/received-span.ts';
import type { CapturedSpan } from './test-span.ts';

/** By the numbers of the API, which are not those of the wire. */
const kinds: readonly ReceivedKind[] = ['internal', 'server', 'client', 'producer', 'consumer'];
const statusCodes: readonly ReceivedStatusCode[] = ['unset', 'ok', 'error'];

/** Bits of the wire's flags beyond those of W3C: it is known whether the parent is remote, and it is. */
const KNOWN = 0x100;
const REMOTE = 0x200;

/** @param redact hides secrets in place, in the copy it is given */
export function capturedSpan(span: ReadableSpan, redact: (copy: ReadableSpan) => ReadableSpan): CapturedSpan {
  const { name, attributes, events, links, status } = redact(copyOf(span));
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  const parent = span.parentSpanContext;
  return {
    traceId,
    spanId,
    parentSpanId: parent?.spanId,
    name,
    kind: kinds[span.kind] ?? 'unspecified',
    startTimeUnixNano: nanos(span.startTime),
    endTimeUnixNano: span.ended ? nanos(span.endTime) : BigInt(Date.now()) * 1_000_000n,
    attributes: { ...attributes },
    status: { code: statusCodes[status.code] ?? 'unset', message: status.message ?? '' },
    events: events.map((event) => ({
      name: event.name,
      timeUnixNano: nanos(event.time),
      attributes: { ...event.attributes },
      droppedAttributesCount: event.droppedAttributesCount ?? 0,
    })),
    links: links.map((link) => ({
      traceId: link.context.traceId,
      spanId: link.context.spanId,
      traceState: link.context.traceState?.serialize() ?? '',
      attributes: { ...link.attributes },
      droppedAttributesCount: link.droppedAttributesCount ?? 0,
      flags: link.context.traceFlags,
    })),
    flags: traceFlags | KNOWN | (parent?.isRemote === true ? REMOTE : 0),
    traceState: traceState?.serialize() ?? '',
    resource: { ...span.resource.attributes },
    scope: { name: span.instrumentationScope.name, version: span.instrumentationScope.version ?? '' },
    droppedAttributesCount: span.droppedAttributesCount,
    droppedEventsCount: span.droppedEventsCount,
    droppedLinksCount: span.droppedLinksCount,
    ended: span.ended,
  };
}

/** Deep where the redactor writes: the app may still hold the span, and one that runs is still written to. */
function copyOf(span: ReadableSpan): ReadableSpan {
  const own = (value: unknown) => ({ value, writable: true, enumerable: true, configurable: true });
  return Object.create(span, {
    name: own(span.name),
    attributes: own(structuredClone(span.attributes)),
    events: own(span.events.map((event) => ({ ...event, attributes: structuredClone(event.attributes) }))),
    links: own(span.links.map((link) => ({ ...link, attributes: structuredClone(link.attributes) }))),
    status: own({ ...span.status }),
  }) as ReadableSpan;
}

const nanos = ([seconds, nanoseconds]: HrTime): bigint => BigInt(seconds) * 1_000_000_000n + BigInt(nanoseconds);
