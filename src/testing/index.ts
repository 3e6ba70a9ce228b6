// keeptrace/testing: what an application's own tests use to look at its traces.
export type { ReceivedKind, ReceivedSpan } from '../receiver/received-span.ts';
export * from './assertions.ts';
export { type CaptureOptions, captureSpans } from './capture-spans.ts';
export type { KeptReason } from './checks/kept.ts';
export type { SpanPattern, SpanWanted } from './checks/span-pattern.ts';
export type { TextPattern } from './checks/value-match.ts';
export type { KeeptraceMatchers } from './matcher-types.ts';
export { keeptraceMatchers, type MatcherResult } from './matchers.ts';
export { type KeeptraceAssertions, type NodeTestAssert, registerAssertions } from './node-assert.ts';
export { type TestTracingOptions, traceForTests } from './quiet-tracing.ts';
export { type OtlpReceiver, type ReceiveOptions, receiveOtlp } from './receive-otlp.ts';
export { type SpanTreeOptions, spanTree } from './span-tree.ts';
export type { CapturedSpan, TestSpan } from './test-span.ts';
