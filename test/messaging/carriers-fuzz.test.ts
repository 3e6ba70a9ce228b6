// 100,000 messages of hostile and ordinary headers, the same ones for the same seed.
import { isDeepStrictEqual } from 'node:util';
import { propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { expect, test } from 'vitest';
import { type Carrier, carriers, extractHeaders, injectHeaders } from '../../src/messaging/carriers.ts';
import { fromXRayHeader, toXRayHeader } from '../../src/messaging/xray-header.ts';
import { createPropagator } from '../../src/provider/propagation.ts';

const rounds = 100_000;
const seed = Number(process.env.FUZZ_SEED ?? 20_261_121);
const span = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const inSpan = trace.setSpanContext(ROOT_CONTEXT, span);
const written = new Set(['traceparent', 'tracestate']);

function randomFrom(start: number): (below: number) => number {
  let a = start >>> 0;
  return (below) => {
    a = (a + 0x6d2b79f5) >>> 0;
    let t = Math.imul(a ^ (a >>> 15), a | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

type Random = ReturnType<typeof randomFrom>;
const names = [
  'traceparent',
  'Traceparent',
  'TRACESTATE',
  'tracestate',
  'baggage',
  'trace_id',
  'span_id',
  'tenant',
  'a',
  '',
  '__proto__',
  'constructor',
  'é',
  'x\0y',
];

function text(random: Random): string {
  const pieces = [
    '00-',
    span.traceId,
    span.spanId,
    '-01',
    '-',
    '=',
    ',',
    ';',
    'Root=1-',
    '0af76519-16cd43dd8448eb211c80319c',
    'Parent=',
    'Sampled=?',
    '\0',
    '\r\n',
    ' ',
    '\ud800',
    '✓',
    '{"a":',
    'ff',
    'x'.repeat(random(300)),
  ];
  if (random(5) === 0) return `00-${span.traceId}-${span.spanId}-01`;
  let made = '';
  for (let i = random(6); i > 0; i -= 1) made += pieces[random(pieces.length)];
  return random(50) === 0 ? made.repeat(200) : made;
}

function value(random: Random, depth = 0): unknown {
  const kind = random(14);
  if (kind < 4) return text(random);
  if (kind === 4) return Buffer.from(text(random));
  if (kind === 5) return new Uint8Array([random(256), random(256), random(256)]);
  if (kind === 6) return depth > 3 ? null : Array.from({ length: random(4) }, () => value(random, depth + 1));
  if (kind === 7) return [random(9), Number.NaN, 1n, null, undefined, true, Symbol.iterator][random(7)];
  if (kind === 8) return { DataType: 'String', StringValue: text(random) };
  if (kind === 9) return { dataType: 'Binary', binaryValue: text(random) };
  if (kind === 10) return { Type: 'Binary', Value: value(random, depth + 4) };
  if (kind === 11) return { DataType: 'Binary', BinaryValue: Buffer.from(text(random)) };
  if (kind === 12) return depth > 3 ? {} : { telemetry: value(random, depth + 1) };
  return {
    metadata:
      random(2) === 0 ? JSON.stringify({ [names[random(names.length)] as string]: text(random) }) : text(random),
  };
}

function headers(random: Random): Record<string, unknown> {
  const made: Record<string, unknown> = random(9) === 0 ? Object.create(null) : {};
  for (let i = random(12); i > 0; i -= 1) {
    const name = random(3) === 0 ? `k${i}` : (names[random(names.length)] as string);
    Object.defineProperty(made, name, { value: value(random), enumerable: true, configurable: true, writable: true });
  }
  if (random(6) === 0) made.telemetry = value(random);
  const frozen = random(12);
  return frozen === 0 ? Object.freeze(made) : frozen === 1 ? Object.preventExtensions(made) : made;
}

/** Everything that is no trace header, as it was. */
function business(from: Record<string, unknown>): [string, unknown][] {
  return Object.entries(from).filter(([name]) => !written.has(name.toLowerCase()) && name !== 'telemetry');
}

test(`${rounds} hostile messages: nothing thrown, nothing of the app's altered (FUZZ_SEED=${seed})`, () => {
  propagation.setGlobalPropagator(createPropagator(['tracecontext', 'baggage']));
  const kinds = Object.values(carriers) as Carrier<unknown>[];
  let found = 0;
  let carried = 0;
  for (let round = 0; round < rounds; round += 1) {
    const carrier = kinds[round % kinds.length] as Carrier<unknown>;
    const into = headers(randomFrom(seed + round));
    const untouched = headers(randomFrom(seed + round));
    const odd = value(randomFrom(seed - round));
    if (trace.getSpanContext(extractHeaders(carrier, into)) !== undefined) found += 1;
    extractHeaders(carrier, odd);
    if (!isDeepStrictEqual(into, untouched)) expect.fail(`reading altered the headers of round ${round}`);
    injectHeaders(carrier, into, { context: inSpan, baggage: true });
    if (!isDeepStrictEqual(business(into), business(untouched)))
      expect.fail(`round ${round} altered what is the app's`);
    if (carrier.room !== undefined && Object.keys(into).length > Math.max(10, Object.keys(untouched).length)) {
      expect.fail(`round ${round} has too many attributes`);
    }
    if (trace.getSpanContext(extractHeaders(carrier, into))?.spanId === span.spanId) carried += 1;
    const header = text(randomFrom(round));
    fromXRayHeader(header);
    if (!toXRayHeader(span, header).startsWith(toXRayHeader(span))) expect.fail(`round ${round}: ${header}`);
  }
  // Not all of it is garbage, and most takes a context.
  expect(found).toBeGreaterThan(100);
  expect(carried).toBeGreaterThan(rounds / 2);
}, 120_000);
