// Spans of megabytes in a real process: what they cost it, and what of them arrives.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type FaultCollector, startFaultCollector } from '../faults/fault-collector.ts';
import { some } from '../support/long.ts';
import { runApp } from '../support/processes.ts';

const script = join(import.meta.dirname, 'fixtures/oversize.mjs');
let collector: FaultCollector;
beforeEach(async () => {
  collector = await startFaultCollector();
});
afterEach(() => collector.close());

const kinds: [kind: string, named: string][] = [
  ['text', 'payload'],
  ['status', 'name'],
  ['stack', 'exception.stacktrace'],
  ['many', 'payload.0'],
  ['list', 'payload'],
  ['deep', 'payload'],
  ['wide', 'payload'],
];

describe.each(['http/protobuf', 'http/json'])('%s', (protocol) => {
  const short = protocol === 'http/json' ? ['many'] : ['text', 'stack', 'list', 'wide'];
  test.each(some(kinds, ([kind]) => short.includes(kind)))('20 spans with %s', async (kind, named) => {
    const app = runApp({
      args: ['--expose-gc', '--import', 'keeptrace/register', script, kind],
      env: {
        OTEL_SERVICE_NAME: 'large',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
        // The SDK's own limit is out of the way, as some set it.
        OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT: '100000000',
      },
    });
    expect(await app.exit).toMatchObject({ code: 0 });
    const { rssMb, blockMs } = JSON.parse(app.stdout()) as Record<string, number>;
    const large = collector.requests
      .flatMap(({ spans }) => spans)
      .filter(({ attributes }) => 'keeptrace.cut' in attributes);
    expect(large.length).toBe(kind === 'list' ? 1 : 20);
    for (const { attributes } of large) expect(attributes['keeptrace.cut']).toContain(named);
    for (const { bytes } of collector.requests) expect(bytes).toBeLessThan(1e6);
    // A gigabyte and a half of attributes leaves garbage for a moment.
    expect(rssMb).toBeLessThan(kind === 'many' || kind === 'wide' ? 40 : 20);
    // 5 to 17 ms where nobody else needs the machine; seconds without the cut.
    expect(blockMs).toBeLessThan(500);
  });
});
