// Traces of a small shop, the same at every run: for the pictures in the docs and for the tests of the viewer's page.

export type Attributes = Record<string, string | number | boolean | string[]>;

export interface SpanSpec {
  service: string;
  name: string;
  kind?: 'internal' | 'server' | 'client' | 'producer' | 'consumer';
  /** After the start of its parent, milliseconds. */
  at: number;
  ms: number;
  attributes?: Attributes;
  /** Message of the status; makes the span an error. */
  error?: string;
  exception?: { type: string; message: string; stack?: string };
  events?: { name: string; at: number; attributes?: Attributes }[];
  links?: { traceId: string; spanId: string; attributes?: Attributes }[];
  children?: SpanSpec[];
  spanId?: string;
}

export interface TraceSpec {
  traceId: string;
  startMs: number;
  root: SpanSpec;
}

const KINDS = { internal: 1, server: 2, client: 3, producer: 4, consumer: 5 };

/** Numbers from 0 to 1 that only depend on the seed. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function hexFrom(random: () => number, length: number): string {
  return Array.from({ length }, () => Math.floor(random() * 16).toString(16)).join('');
}

/** An OTLP/JSON request with these traces. */
export function exportRequest(traces: readonly TraceSpec[], random = randomFrom(7)): string {
  const services = new Map<string, object[]>();
  for (const { traceId, startMs, root } of traces) {
    const open: { spec: SpanSpec; start: number; parent: string | undefined }[] = [
      { spec: root, start: startMs, parent: undefined },
    ];
    for (let next = open.pop(); next; next = open.pop()) {
      const { spec, parent } = next;
      const start = next.start + spec.at;
      const spanId = spec.spanId ?? hexFrom(random, 16);
      const list = services.get(spec.service) ?? [];
      list.push(spanOf(traceId, spanId, parent, start, spec));
      services.set(spec.service, list);
      for (const child of spec.children ?? []) open.push({ spec: child, start, parent: spanId });
    }
  }
  const resourceSpans = [...services].map(([service, spans]) => ({
    resource: {
      attributes: keyValues({
        'service.name': service,
        'service.version': '1.4.0',
        'deployment.environment.name': 'development',
        'telemetry.sdk.language': 'nodejs',
        'process.runtime.version': '24.21.0',
        'host.name': 'laptop',
      }),
    },
    scopeSpans: [{ scope: { name: '@opentelemetry/instrumentation-http', version: '0.301.0' }, spans }],
  }));
  return JSON.stringify({ resourceSpans });
}

function spanOf(traceId: string, spanId: string, parent: string | undefined, start: number, spec: SpanSpec): object {
  const { exception, error } = spec;
  const events = [...(spec.events ?? [])];
  if (exception) {
    const { type, message, stack } = exception;
    const trace = stack ?? `${type}: ${message}\n    at run (/srv/app/src/main.js:1:1)`;
    const attributes = { 'exception.type': type, 'exception.message': message, 'exception.stacktrace': trace };
    events.push({ name: 'exception', at: spec.ms * 0.97, attributes });
  }
  const message = error ?? exception?.message;
  return {
    traceId,
    spanId,
    ...(parent === undefined ? {} : { parentSpanId: parent }),
    name: spec.name,
    kind: KINDS[spec.kind ?? 'internal'],
    startTimeUnixNano: nanos(start),
    endTimeUnixNano: nanos(start + spec.ms),
    attributes: keyValues(spec.attributes ?? {}),
    events: events.map(({ name, at, attributes }) => ({
      name,
      timeUnixNano: nanos(start + at),
      attributes: keyValues(attributes ?? {}),
    })),
    links: (spec.links ?? []).map(({ attributes, ...link }) => ({ ...link, attributes: keyValues(attributes ?? {}) })),
    status: message === undefined ? { code: 0 } : { code: 2, message },
  };
}

const nanos = (ms: number) => String(BigInt(Math.round(ms * 1000)) * 1000n);

const keyValues = (bag: Attributes) => Object.entries(bag).map(([key, value]) => ({ key, value: anyValue(value) }));

function anyValue(value: Attributes[string]): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map((item) => ({ stringValue: item })) } };
}
