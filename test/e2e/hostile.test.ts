// An app that gives its spans everything that nobody expects, as a real process with everything switched on.
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LOSS_SPAN } from '../../src/export/report/loss-report.ts';
import { cases, poison, starts } from '../export/hostile-cases.ts';
import { type FaultCollector, startFaultCollector } from '../faults/fault-collector.ts';
import { runApp } from '../support/processes.ts';

const script = join(import.meta.dirname, 'fixtures/hostile.ts');
let collector: FaultCollector;
beforeEach(async () => {
  collector = await startFaultCollector();
});
afterEach(() => collector.close());

const hostile = Object.keys(cases).length + Object.keys(starts).length;

describe.each(['http/protobuf', 'http/json'] as const)('%s', (protocol) => {
  test('nothing is thrown, each bad span costs itself and is said, and the process ends as soon as it is done', async () => {
    const app = runApp({
      args: ['--import', 'keeptrace/register', script],
      env: {
        OTEL_SERVICE_NAME: 'hostile',
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
        OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
      },
    });
    await app.line(/^made/);
    const doneAt = performance.now();
    expect(await app.exit).toMatchObject({ code: 0, signal: null });
    expect(performance.now() - doneAt).toBeLessThan(4_000);
    expect(app.stdout()).toBe(`made ${hostile}\n`);

    const spans = collector.requests
      .flatMap((request) => request.spans)
      // Of our own making.
      .filter(({ name }) => name !== LOSS_SPAN);
    expect(collector.undecodable).toBe(0);
    expect(spans.filter(({ name }) => name.startsWith('good'))).toHaveLength(100);
    const said = [...app.stderr().matchAll(/lost (\d+)/g)].reduce((sum, [, count]) => sum + Number(count), 0);
    expect(spans.length + said, app.stderr()).toBe(100 + hostile);
    expect(said).toBe(poison[protocol].size);
  });
});
