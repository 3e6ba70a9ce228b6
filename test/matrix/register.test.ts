import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RegisterBed, registerCases } from '../e2e/register-cases.ts';
import { nodeBinary, nodeVersions } from './node-versions.ts';

const bed = new RegisterBed();
beforeAll(() => bed.start());
afterAll(() => bed.stop());

describe.each(nodeVersions)('Node %s', (version) => {
  let node: string;
  beforeAll(() => {
    node = nodeBinary(version);
  }, 180_000);

  for (const one of registerCases) {
    test.skipIf(one.not?.test(version))(one.name, async () => {
      expect(node).toBeTruthy();
      await bed.run(one, node);
    });
  }
});
