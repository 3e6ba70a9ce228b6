import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runApp } from '../support/processes.ts';

test.each([
  ['at a natural end', 'natural', { code: 0, signal: null }, /^flushed 1$/m],
  ['on SIGTERM', 'signal', { code: null, signal: 'SIGTERM' }, /^flushed 1\nended 1$/m],
])("a span processor of the user's own is flushed %s", async (_, how, status, output) => {
  const app = runApp({
    args: [join(import.meta.dirname, 'fixtures/own-processor.mjs'), how],
    env: { OTEL_SERVICE_NAME: 'own' },
  });
  expect(await app.exit).toMatchObject(status);
  expect(app.stdout()).toMatch(output);
});
