// keeptrace/testing: what an application's own tests use to look at its traces.
export type { ReceivedKind, ReceivedSpan } from '../receiver/received-span.ts';
export { type CaptureOptions, captureSpans } from './capture-spans.ts';
export { type TestTracingOptions, traceForTests } from './quiet-tracing.ts';
export { type SpanTreeOptions, spanTree } from './span-tree.ts';
export type { CapturedSpan, TestSpan } from './test-span.ts';
