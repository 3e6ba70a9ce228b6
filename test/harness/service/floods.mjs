// A process that is flooded with traces which nobody decides about, and tells what it weighed: before, at most, after.
// Usage: node --expose-gc floods.mjs FLOOD...
import { setImmediate as yielded } from 'node:timers/promises';
import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { initTracing } from 'keeptrace';

let exported = 0;
const tracing = initTracing({
  sampleRatio: 0,
  keepErrors: false,
  slowMs: 'off',
  enabledInstrumentations: [],
  spanExporter: {
    export(spans, done) {
      exported += spans.length;
      done({ code: 0 });
    },
    shutdown: async () => {},
  },
});
const tracer = trace.getTracer('flood');
const MB = 2 ** 20;
const begin = (parent = ROOT_CONTEXT, attributes = {}) =>
  tracer.startSpan('GET /', { kind: SpanKind.SERVER, attributes }, parent);
const under = (span) => trace.setSpan(ROOT_CONTEXT, span);
const called = (traceId) =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId: '1'.repeat(16), traceFlags: 0, isRemote: true });
const scratch = Buffer.alloc(8_000, 'x');
let texts = 0;
/** A text of its own each time: shared with none, part of none, and without a buffer of its own that could linger. */
function text(length) {
  scratch.writeUInt32BE(texts++);
  return scratch.latin1Slice(0, length);
}

let most = 0;
let turns = 0;
/** Garbage is not what is asked about, but for what piles up between two looks. */
async function look() {
  if (++turns % 4 === 0) await yielded();
  globalThis.gc();
  most = Math.max(most, process.memoryUsage().rss / MB);
}

/** Of each, nobody but keeptrace holds on to anything. */
const floods = {
  async 'traces that never end'() {
    for (let i = 0; i < 50_000; i++) {
      tracer.startSpan('call', {}, under(begin())).end();
      if (i % 2_000 === 0) await look();
    }
  },
  async 'huge requests'() {
    for (let i = 0; i < 40; i++) {
      const root = begin();
      for (let j = 0; j < 1_900; j++) tracer.startSpan('call', { attributes: { sql: text(400) } }, under(root)).end();
      await look();
    }
  },
  async 'many spans of one trace'() {
    const root = begin();
    for (let i = 0; i < 100_000; i++) {
      tracer.startSpan('call', { attributes: { sql: text(800) } }, under(root)).end();
      if (i % 5_000 === 0) await look();
    }
    root.end();
  },
  async 'requests with one trace id'() {
    const traceId = 'abcdef0123456789'.repeat(2);
    for (let i = 0; i < 10_000; i++) {
      const root = begin(called(traceId), { body: text(4_000) });
      tracer.startSpan('call', { attributes: { sql: text(4_000) } }, under(root)).end();
      if (i % 10 > 0) root.end();
      if (i % 500 === 0) await look();
    }
  },
  async 'large attributes that never end'() {
    for (let i = 0; i < 10_000; i++) {
      tracer.startSpan('call', { attributes: { a: text(8_000), b: text(8_000) } }, under(begin()));
      if (i % 200 === 0) await look();
    }
  },
  async 'large attributes'() {
    for (let i = 0; i < 200; i++) {
      const root = begin();
      for (let j = 0; j < 10; j++) {
        const attributes = Object.fromEntries(Array.from({ length: 12 }, (_, at) => [`a${at}`, text(8_000)]));
        tracer.startSpan('call', { attributes }, under(root)).end();
      }
      if (i % 2 === 0) await look();
    }
  },
};

// Some ordinary traffic, so that what every process grows by is not counted as the flood's.
for (let i = 0; i < 6_000; i++) {
  const root = begin(ROOT_CONTEXT, { body: text(500) });
  tracer.startSpan('call', {}, under(root)).end();
  root.end();
  if (i % 2_000 === 0) await look();
}
globalThis.gc();
await yielded();
globalThis.gc();
const before = process.memoryUsage().rss / MB;
const heapBefore = process.memoryUsage().heapUsed / MB;
most = before;
for (const flood of process.argv.slice(2)) await floods[flood]();
await look();
const { held, decidedEarly } = tracing.stats().sampling;
globalThis.gc();
await yielded();
globalThis.gc();
const { rss, heapUsed } = process.memoryUsage();
console.log(
  JSON.stringify({
    before,
    most,
    after: rss / MB,
    heap: heapUsed / MB - heapBefore,
    held,
    decidedEarly,
    exported,
  }),
);
process.exit(0);
