import { beforeAll, describe, expect, test } from 'vitest';
import { examine } from '../cli/doctor/run/apps.ts';
import { broken, healthy } from '../cli/doctor/run/cases.ts';
import { nodeBinary, nodeVersions } from './node-versions.ts';

describe.each(nodeVersions)('Node %s', (version) => {
  let node: string;
  beforeAll(() => {
    node = nodeBinary(version);
  }, 180_000);

  test.each([...healthy, ...broken])('$name', async (one) => {
    const { codes, findings } = await examine(one, node);
    expect(codes).toEqual(one.codes);
    if (one.what) expect(findings[0]!.what).toMatch(one.what);
    if (one.from) expect(findings[0]!.from).toMatch(one.from);
  });
});
