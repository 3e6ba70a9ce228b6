import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  baggageEntryMetadataFromString,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  trace,
} from '@opentelemetry/api';
import { describe, expect, test, vi } from 'vitest';
import { createPropagator, type PropagatorName } from '../../src/provider/propagation.ts';

const spanContext = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
const inSpan = trace.setSpanContext(ROOT_CONTEXT, spanContext);

function inject(names: PropagatorName[], context = inSpan, onDropped?: (field: string) => void) {
  const carrier: Record<string, string> = {};
  createPropagator(names, onDropped).inject(context, carrier, defaultTextMapSetter);
  return carrier;
}

function withBaggage(value: string, metadata?: string) {
  const entry = metadata === undefined ? { value } : { value, metadata: baggageEntryMetadataFromString(metadata) };
  return propagation.setBaggage(inSpan, propagation.createBaggage({ tenant: entry }));
}

test.each<[PropagatorName[], string[]]>([
  [['tracecontext', 'baggage'], ['traceparent']],
  [['b3'], ['b3']],
  [['b3multi'], ['x-b3-traceid', 'x-b3-spanid', 'x-b3-sampled']],
  [
    ['tracecontext', 'b3'],
    ['traceparent', 'b3'],
  ],
  [[], []],
])('%j writes the headers %j', (names, expected) => {
  expect(Object.keys(inject(names)).sort()).toEqual([...expected].sort());
});

test('what one process injects, the next one extracts', () => {
  const carrier = inject(['tracecontext', 'baggage'], withBaggage('acme'));
  const context = createPropagator(['tracecontext', 'baggage']).extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);
  expect(trace.getSpanContext(context)).toMatchObject({ ...spanContext, isRemote: true });
  expect(propagation.getBaggage(context)?.getEntry('tenant')?.value).toBe('acme');
});

describe('a value that no header may hold is left out, named once per occurrence, and hurts no other header', () => {
  test.each([
    ['a line break', 'a\r\nx-evil: 1'],
    ['a letter beyond Latin-1', 'naïve-✓'],
    ['a NUL', 'a\u0000b'],
  ])('%s in baggage metadata', (_, metadata) => {
    const dropped = vi.fn();
    const carrier = inject(['tracecontext', 'baggage'], withBaggage('acme', metadata), dropped);
    expect(carrier).toEqual({ traceparent: expect.any(String) });
    expect(dropped).toHaveBeenCalledExactlyOnceWith('baggage');
  });

  test.each([
    ['blanks', '  ', 1],
    ['nothing at all, which is no loss and is not named', '', 0],
  ])('%s', (_, text, named) => {
    const dropped = vi.fn();
    const carrier: Record<string, string> = {};
    const tracestate = { get: () => undefined, set: () => tracestate, unset: () => tracestate, serialize: () => text };
    const context = trace.setSpanContext(ROOT_CONTEXT, { ...spanContext, traceState: tracestate });
    createPropagator(['tracecontext'], dropped).inject(context, carrier, defaultTextMapSetter);
    expect(Object.keys(carrier)).toEqual(['traceparent']);
    expect(dropped.mock.calls).toEqual(Array(named).fill(['tracestate']));
  });

  test('a lone surrogate in a baggage value does not throw', () => {
    expect(inject(['tracecontext', 'baggage'], withBaggage('\ud800'))).toHaveProperty('traceparent');
  });
});

test('Node accepts every header that is written', async () => {
  const server = createServer((req, res) => res.end(JSON.stringify(req.headers))).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const headers = inject(['tracecontext', 'baggage'], withBaggage('ünï cödé', 'meta=1'));
  const { port } = server.address() as AddressInfo;
  const received = await new Promise<string>((resolve, reject) => {
    request({ port, host: '127.0.0.1', headers }, (res) => {
      let body = '';
      res.on('data', (chunk) => (body += chunk)).on('end', () => resolve(body));
    })
      .on('error', reject)
      .end();
  });
  server.close();
  expect(JSON.parse(received)).toMatchObject({ traceparent: headers.traceparent, baggage: headers.baggage });
});
