import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { runApp } from '../support/processes.ts';

const clock = pathToFileURL(join(import.meta.dirname, '../../src/export/clock.ts')).href;
const script = (then: string) => `
  import { later, now, soon } from '${clock}';
  const from = now();
  later(20, () => soon(() => console.log('soon after', Math.round(now() - from))));
  ${then}`;

test('soon is soon in a process that waits for something else', async () => {
  const app = runApp({ args: ['--input-type=module', '-e', script('setTimeout(() => {}, 5000);')] });
  const [, ms] = /after (\d+)/.exec(await app.line(/soon after/))!;
  app.kill('SIGKILL');
  expect(Number(ms)).toBeLessThan(2_500);
});

test('soon holds no process', async () => {
  const app = runApp({ args: ['--input-type=module', '-e', script('')] });
  expect(await app.exit).toMatchObject({ code: 0 });
  expect(app.stdout()).toBe('');
});
