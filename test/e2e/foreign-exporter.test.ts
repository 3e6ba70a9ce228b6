// What a broken span exporter of the user's own does to a whole process: nothing but a line on stderr.
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runApp } from '../support/processes.ts';

const fixture = join(import.meta.dirname, 'fixtures/foreign-exporter.mjs');

test.concurrent.each([
  ['rejects', /lost 1 span: the span exporter failed: POST https:\S+ failed/],
  ['thenable', /lost 1 span: the span exporter failed: hostile/],
  ['noResult', /lost 1 span: the span exporter failed: it answered without a result/],
])('an exporter that %s costs its batch, not the app', { timeout: 30_000 }, async (way, says) => {
  const app = runApp({ args: [fixture, way], env: { OTEL_SERVICE_NAME: 'shop' } });
  expect(await app.exit).toMatchObject({ code: 0, signal: null });
  expect(app.stdout()).toBe('served at once\n');
  expect(app.stderr()).toMatch(says);
  expect(app.stderr()).not.toContain('CANARY');
});
