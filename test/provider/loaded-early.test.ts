// What test/e2e/loaded-early.test.ts shows in processes needs a real loader; here, what must not reach the app.
import type { Instrumentation } from '@opentelemetry/instrumentation';
import { expect, test } from 'vitest';
import { patchLoaded, tooLate } from '../../src/provider/loaded-early.ts';

test('an instrumentation that is none throws neither at once nor a moment later', async () => {
  const odd = { _modules: [null] } as unknown as Instrumentation;
  expect(
    patchLoaded([odd], () => {
      throw new Error('told');
    }),
  ).toEqual([]);
  // An error of the second look has no caller: it would fail the run.
  await Promise.resolve();
});

test('the sentence names all packages, and the variable that leaves them alone', () => {
  expect(tooLate(['pino'])).toMatch(/^pino was loaded .* uses it already .*=pino$/);
  expect(tooLate(['pino', 'hono'])).toMatch(/^pino and hono were loaded .* uses them already .*=pino,hono$/);
});
