// Writes spans as OTLP/JSON, the format of the OpenTelemetry file exporter, which any backend can import. Pure.
import type { ReceivedKind, ReceivedSpan, ReceivedStatusCode } from '../../receiver/received-span.ts';

const KINDS: ReceivedKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
const CODES: ReceivedStatusCode[] = ['unset', 'ok', 'error'];

/** The members of `resourceSpans`: one for each run of spans that share their resource. */
export function resourceSpans(spans: Iterable<ReceivedSpan>): object[] {
  const resources = new Map<object, Map<object, object[]>>();
  const scopesOf = (resource: object) => resources.get(resource) ?? new Map<object, object[]>();
  for (const span of spans) {
    const scopes = scopesOf(span.resource);
    const list = scopes.get(span.scope) ?? [];
    list.push(spanJson(span));
    scopes.set(span.scope, list);
    resources.set(span.resource, scopes);
  }
  return [...resources].map(([resource, scopes]) => ({
    resource: { attributes: keyValues(resource as Record<string, unknown>) },
    scopeSpans: [...scopes].map(([scope, list]) => ({ scope, spans: list })),
  }));
}

function spanJson(span: ReceivedSpan): object {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentSpanId === undefined ? {} : { parentSpanId: span.parentSpanId }),
    ...(span.traceState === '' ? {} : { traceState: span.traceState }),
    ...(span.flags === 0 ? {} : { flags: span.flags }),
    name: span.name,
    kind: KINDS.indexOf(span.kind),
    startTimeUnixNano: String(span.startTimeUnixNano),
    endTimeUnixNano: String(span.endTimeUnixNano),
    attributes: keyValues(span.attributes),
    droppedAttributesCount: span.droppedAttributesCount,
    events: span.events.map((event) => ({
      name: event.name,
      timeUnixNano: String(event.timeUnixNano),
      attributes: keyValues(event.attributes),
      droppedAttributesCount: event.droppedAttributesCount,
    })),
    droppedEventsCount: span.droppedEventsCount,
    links: span.links.map((link) => ({
      traceId: link.traceId,
      spanId: link.spanId,
      traceState: link.traceState,
      attributes: keyValues(link.attributes),
      droppedAttributesCount: link.droppedAttributesCount,
      flags: link.flags,
    })),
    droppedLinksCount: span.droppedLinksCount,
    status: { code: CODES.indexOf(span.status.code), message: span.status.message },
  };
}

const keyValues = (bag: Record<string, unknown>) =>
  Object.entries(bag).map(([key, value]) => ({ key, value: anyValue(value) }));

function anyValue(value: unknown): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'bigint') return { intValue: String(value) };
  if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && !Object.is(value, -0)) return { intValue: String(value) };
    return { doubleValue: Number.isFinite(value) ? value : String(value) };
  }
  if (value instanceof Uint8Array) {
    return { bytesValue: Buffer.from(value.buffer, value.byteOffset, value.length).toString('base64') };
  }
  if (Array.isArray(value)) return { arrayValue: { values: value.map(anyValue) } };
  if (typeof value === 'object' && value !== null) {
    return { kvlistValue: { values: keyValues(value as Record<string, unknown>) } };
  }
  return {};
}
