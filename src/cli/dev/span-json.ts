// From the spans of a trace to what the waterfall shows. Pure.
import type { ReceivedSpan } from '../../receiver/received-span.ts';
import type { TraceJson } from './contract.ts';
import { timingOf } from './critical-path.ts';
import { jsonBag } from './json-values.ts';
import { serviceOf } from './span-facts.ts';
import { byStart, durationOf, msOf, startOf } from './times.ts';

/** @param isHere whether a linked span is held */
export function spansJson(
  held: Iterable<ReceivedSpan>,
  isHere: (traceId: string, spanId: string) => boolean,
): Pick<TraceJson, 'resources' | 'spans'> {
  const spans = [...held].sort(byStart);
  const { critical, selfMs } = timingOf(spans);
  const start = spans[0] === undefined ? 0 : startOf(spans[0]);
  const places = new Map<object, number>(spans.map(({ resource }) => [resource, 0]));
  const resources = [...places.keys()].map((resource, place) => {
    places.set(resource, place);
    return jsonBag(resource as ReceivedSpan['resource']);
  });
  const told = spans.map((span): TraceJson['spans'][number] => ({
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    name: span.name,
    kind: span.kind === 'unspecified' ? 'internal' : span.kind,
    service: serviceOf(span),
    offsetMs: since(start, startOf(span)),
    durationMs: durationOf(span),
    status: span.status.code,
    statusMessage: span.status.message,
    critical: critical.has(span.spanId),
    selfMs: selfMs.get(span.spanId) ?? 0,
    attributes: jsonBag(span.attributes),
    resource: places.get(span.resource) ?? 0,
    scope: span.scope,
    events: span.events.map((event) => ({
      name: event.name,
      offsetMs: since(start, msOf(event.timeUnixNano)),
      attributes: jsonBag(event.attributes),
    })),
    links: span.links.map(({ traceId, spanId, attributes }) => ({
      traceId,
      spanId,
      attributes: jsonBag(attributes),
      here: isHere(traceId, spanId),
    })),
    traceState: span.traceState,
    flags: span.flags,
    dropped: {
      attributes: span.droppedAttributesCount,
      events: span.droppedEventsCount,
      links: span.droppedLinksCount,
    },
  }));
  return { resources, spans: told };
}

/** In microseconds and back: the difference of two large doubles has a tail of noise. */
const since = (start: number, ms: number) => Math.round((ms - start) * 1000) / 1000;
