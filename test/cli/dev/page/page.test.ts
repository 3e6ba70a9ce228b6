// The page of `keeptrace dev` in a real browser. One browser for all of it, so the tests are here and live in files beside.
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { NO_CHROMIUM } from '../../../../scripts/find-chromium.ts';
import { listTests } from './list-tests.ts';
import { CHROMIUM, PageRig } from './rig.ts';

if (CHROMIUM === undefined) console.warn(`keeptrace: ${NO_CHROMIUM}`);

describe.skipIf(CHROMIUM === undefined)('the page of the viewer', () => {
  const rig = new PageRig();
  beforeAll(() => rig.start());
  afterEach(() => rig.clean());
  afterAll(() => rig.stop());

  describe('list', () => listTests(rig));

  test('nothing goes wrong and nobody else is asked', async () => {
    const { page, problems, strangers } = await rig.open();
    await page.getByRole('heading', { name: 'Waiting for the first trace' }).waitFor();
    expect(problems).toEqual([]);
    expect(strangers).toEqual([]);
  });
});
