// The exports that every viewer gets: traces of twenty spans with the attributes of an HTTP service, 500 spans a request.
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';

const SPANS_OF_A_TRACE = 20;
const TRACES_OF_A_BATCH = 25;
export const SPANS_OF_A_BATCH = SPANS_OF_A_TRACE * TRACES_OF_A_BATCH;

const resource = {
  attributes: {
    'service.name': 'shop-api',
    'service.version': '1.4.0',
    'deployment.environment.name': 'development',
    'telemetry.sdk.language': 'nodejs',
    'process.pid': 4711,
  },
  asyncAttributesPending: false,
  waitForAsyncAttributes: async () => {},
  merge: () => resource,
  getRawAttributes: () => Object.entries(resource.attributes),
};

/** @returns bodies of protobuf, no two of them with the same trace */
export function batches(count) {
  return Array.from({ length: count }, (_, batch) => {
    const traces = Array.from({ length: TRACES_OF_A_BATCH }, (_, at) => traceOf(batch * TRACES_OF_A_BATCH + at));
    return Buffer.from(ProtobufTraceSerializer.serializeRequest(traces.flat()));
  });
}

function traceOf(n) {
  const traceId = (0xabcdefn * 2n ** 64n + BigInt(n) * 2654435761n).toString(16).padStart(32, '0');
  const start = 1_700_000_000 + n;
  return Array.from({ length: SPANS_OF_A_TRACE }, (_, at) => spanOf(traceId, n, start, at));
}

function spanOf(traceId, n, start, at) {
  const failed = n % 50 === 0 && at === 7;
  const context = (id) => ({ traceId, spanId: (id + 1).toString(16).padStart(16, '0'), traceFlags: 1 });
  const span = {
    name: at === 0 ? 'POST /orders' : `SELECT orders ${at}`,
    kind: at === 0 ? 1 : 2,
    spanContext: () => context(at),
    startTime: [start, at * 1_000_000],
    endTime: [start, at === 0 ? 40_000_000 : (at + 1) * 1_000_000],
    status: failed ? { code: 2, message: 'duplicate key' } : { code: 0 },
    attributes:
      at === 0
        ? {
            'http.request.method': 'POST',
            'http.route': '/orders',
            'http.response.status_code': 201,
            'url.path': `/orders/${n}`,
            'user_agent.original': 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36',
          }
        : {
            'db.system.name': 'postgresql',
            'db.namespace': 'shop',
            'db.query.text': `SELECT id, customer, item FROM orders WHERE customer = $1 LIMIT ${at}`,
            'server.address': '127.0.0.1',
            'server.port': 5432,
          },
    links: [],
    events: failed
      ? [{ name: 'exception', time: [start, 5_000_000], attributes: { 'exception.message': 'duplicate key' } }]
      : [],
    resource,
    instrumentationScope: { name: 'bench', version: '1.0.0' },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
    ended: true,
    duration: [0, 1_000_000],
  };
  if (at > 0) span.parentSpanContext = context(at > 10 ? 1 : 0);
  return span;
}
