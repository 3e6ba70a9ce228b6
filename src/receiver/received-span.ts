// The one shape in which a received span is handed on, whether it came as JSON or as protobuf.

export type ReceivedKind = 'internal' | 'server' | 'client' | 'producer' | 'consumer' | 'unspecified';
export type ReceivedStatusCode = 'unset' | 'ok' | 'error';

export interface ReceivedEvent {
  name: string;
  timeUnixNano: bigint;
  attributes: Record<string, unknown>;
  droppedAttributesCount: number;
}

export interface ReceivedLink {
  traceId: string;
  spanId: string;
  traceState: string;
  attributes: Record<string, unknown>;
  droppedAttributesCount: number;
  flags: number;
}

/**
 * A decoded OTLP span together with its resource and scope. Spans of one request share these two objects.
 * Ids are lower-case hex. Attribute values: string, boolean, number, `bigint` (integers beyond ±2^53), `Uint8Array`,
 * `null`, arrays and plain objects of these.
 */
export interface ReceivedSpan {
  traceId: string;
  spanId: string;
  /** Undefined for a root. */
  parentSpanId: string | undefined;
  name: string;
  kind: ReceivedKind;
  startTimeUnixNano: bigint;
  endTimeUnixNano: bigint;
  attributes: Record<string, unknown>;
  status: { code: ReceivedStatusCode; message: string };
  events: ReceivedEvent[];
  links: ReceivedLink[];
  /** W3C trace flags in the low byte; 0x100 = "is remote" is known, 0x200 = the parent is remote. */
  flags: number;
  traceState: string;
  resource: Record<string, unknown>;
  scope: { name: string; version: string };
  droppedAttributesCount: number;
  droppedEventsCount: number;
  droppedLinksCount: number;
}

export const KINDS: readonly ReceivedKind[] = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];
export const STATUS_CODES: readonly ReceivedStatusCode[] = ['unset', 'ok', 'error'];

export const kindOf = (code: number): ReceivedKind => KINDS[code] ?? 'unspecified';
export const statusCodeOf = (code: number): ReceivedStatusCode => STATUS_CODES[code] ?? 'unset';

/** A span with the defaults that OTLP gives to absent fields. */
export function emptySpan(resource: ReceivedSpan['resource'], scope: ReceivedSpan['scope']): ReceivedSpan {
  return {
    traceId: '',
    spanId: '',
    parentSpanId: undefined,
    name: '',
    kind: 'unspecified',
    startTimeUnixNano: 0n,
    endTimeUnixNano: 0n,
    attributes: {},
    status: { code: 'unset', message: '' },
    events: [],
    links: [],
    flags: 0,
    traceState: '',
    resource,
    scope,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

export const emptyEvent = (): ReceivedEvent => ({
  name: '',
  timeUnixNano: 0n,
  attributes: {},
  droppedAttributesCount: 0,
});

export const emptyLink = (): ReceivedLink => ({
  traceId: '',
  spanId: '',
  traceState: '',
  attributes: {},
  droppedAttributesCount: 0,
  flags: 0,
});
