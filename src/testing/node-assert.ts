// The assertions for node:test, as methods of `t.assert`.
// biome-ignore-all lint/suspicious/noTsIgnore: whether there is an error depends on what the user has installed
import * as assertions from './assertions.ts';

/** What `t.assert` can do after `registerAssertions(assert)`. */
export interface KeeptraceAssertions {
  hasSpan: typeof assertions.assertHasSpan;
  hasSpanTree: typeof assertions.assertHasSpanTree;
  oneTrace: typeof assertions.assertOneTrace;
  noOrphans: typeof assertions.assertNoOrphans;
  allSpansEnded: typeof assertions.assertAllSpansEnded;
  lowCardinalityNames: typeof assertions.assertLowCardinalityNames;
  requiredAttributes: typeof assertions.assertRequiredAttributes;
  noSecrets: typeof assertions.assertNoSecrets;
  atMost: typeof assertions.assertAtMost;
  kept: typeof assertions.assertKept;
  dropped: typeof assertions.assertDropped;
}

const named: KeeptraceAssertions = {
  hasSpan: assertions.assertHasSpan,
  hasSpanTree: assertions.assertHasSpanTree,
  oneTrace: assertions.assertOneTrace,
  noOrphans: assertions.assertNoOrphans,
  allSpansEnded: assertions.assertAllSpansEnded,
  lowCardinalityNames: assertions.assertLowCardinalityNames,
  requiredAttributes: assertions.assertRequiredAttributes,
  noSecrets: assertions.assertNoSecrets,
  atMost: assertions.assertAtMost,
  kept: assertions.assertKept,
  dropped: assertions.assertDropped,
};

/** The `assert` that node:test exports. */
export interface NodeTestAssert {
  register(name: string, assertion: (...given: unknown[]) => void): void;
}

/**
 * @example
 * import { assert, test } from 'node:test';
 * registerAssertions(assert);
 * test('an order is one trace', async (t) => {
 *   t.assert.oneTrace(await captureSpans(() => order()));
 * });
 */
export function registerAssertions(assert: NodeTestAssert): void {
  for (const [name, assertion] of Object.entries(named)) {
    assert.register(name, assertion as (...given: unknown[]) => void);
  }
}

/** @ts-ignore there are no types of Node where they are not wanted */
declare module 'node:test' {
  namespace test {
    interface TestContextAssert extends KeeptraceAssertions {}
  }
}
