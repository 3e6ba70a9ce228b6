// keeptrace/testing: what an application's own tests use to look at its traces.
export { type SpanTreeOptions, spanTree } from './span-tree.ts';
