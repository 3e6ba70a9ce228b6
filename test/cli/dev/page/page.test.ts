// The page of `keeptrace dev` in a real browser. One browser for all of it, so the tests are run here and live in the files
// beside.
import { afterAll, afterEach, beforeAll, describe, test } from 'vitest';
import { NO_CHROMIUM } from '../../../../scripts/find-chromium.ts';
import { aroundTests } from './around-tests.ts';
import { filterTests } from './filter-tests.ts';
import { keyTests } from './key-tests.ts';
import { listTests } from './list-tests.ts';
import { CHROMIUM, PageRig } from './rig.ts';
import { safetyTests } from './safety-tests.ts';
import { sizeTests } from './size-tests.ts';
import { traceTests } from './trace-tests.ts';

if (CHROMIUM === undefined) {
  // The reason is the name, so that the report shows it: a machine without Chromium. CI installs one.
  test.skip(NO_CHROMIUM, () => {});
  console.warn(`keeptrace: ${NO_CHROMIUM}`);
}

describe.skipIf(CHROMIUM === undefined)('the page of the viewer', () => {
  const rig = new PageRig();
  beforeAll(() => rig.start());
  afterEach(() => rig.clean());
  afterAll(() => rig.stop());

  describe('list', () => listTests(rig));
  describe('filter', () => filterTests(rig));
  describe('trace', () => traceTests(rig));
  describe('around', () => aroundTests(rig));
  describe('keys and screen readers', () => keyTests(rig));
  describe('safety', () => safetyTests(rig));
  describe('size', () => sizeTests(rig, process.env.npm_lifecycle_event === 'viewer'));
});
