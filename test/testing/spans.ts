// Spans as the tests of this folder need them: few words each, all fields there.
import { emptyEvent, emptySpan } from '../../src/receiver/received-span.ts';
import type { TestSpan } from '../../src/testing/test-span.ts';

export interface Spec extends Partial<Omit<TestSpan, 'parentSpanId'>> {
  /** Default: one more than the last. */
  id?: number;
  /** The id of the parent. */
  parent?: number;
  /** Letter of the trace. Default `a`. */
  trace?: string;
}

export function spansOf(...specs: Spec[]): TestSpan[] {
  return specs.map(({ id, parent, trace = 'a', ...over }, at) => {
    const start = 1_763_700_000_000_000_000n + BigInt(at) * 1_000_000n;
    return {
      ...emptySpan({ 'service.name': 'shop' }, { name: 'test', version: '' }),
      traceId: trace.repeat(32),
      spanId: hex(id ?? at + 1),
      parentSpanId: parent === undefined ? undefined : hex(parent),
      name: `span ${at + 1}`,
      kind: 'internal',
      startTimeUnixNano: start,
      endTimeUnixNano: start + 1_000_000n,
      ...over,
    };
  });
}

const hex = (id: number) => id.toString(16).padStart(16, '0');

export const exception = (attributes: Record<string, unknown> = {}) => ({
  ...emptyEvent(),
  name: 'exception',
  attributes,
});
