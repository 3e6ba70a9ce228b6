// What the documentation says of the codes that only a running application can show: `keeptrace doctor -- command`.
import type { Explanation } from './explanation.ts';

export const runExplanations = {
  PARENT_UNSAMPLED: {
    meaning: 'The callers decide that almost nothing is sampled.',
    how: 'Over 95 % of the requests arrive with a `traceparent` that ends in `-00`, and a `parentbased_` sampler follows it. Errors and slow requests are kept all the same.',
    fix: '`OTEL_TRACES_SAMPLER=traceidratio`, or raise the ratio of the caller.',
  },
  PROVIDER_ALREADY_SET: {
    meaning: 'Another tracer provider was registered first.',
    how: 'The OpenTelemetry API keeps the first provider and refuses every later one without a word. A warning where keeptrace was first, and another SDK tried.',
    fix: 'Remove the other SDK, or load keeptrace before it.',
  },
  API_COPIES: {
    meaning: 'There is another copy or version of `@opentelemetry/api` than the one that keeptrace registers with.',
    how: 'Spans made through a newer copy than the registered one have trace ids of zeros and go nowhere. Where the only copy does not fit, the application stays untraced.',
    fix: '`npm install @opentelemetry/api@1.10 && npm dedupe`',
  },
  LOADED_TOO_EARLY: {
    meaning: 'A library was loaded before tracing, and what uses it already stays untraced.',
    how: 'It was in the cache of `require` when tracing started. Most instrumentations write into what is loaded; this one puts something else in its place, or never saw it. The line that started tracing is named.',
    fix: '`node --import keeptrace/register server.js`',
  },
  ESM_WITHOUT_HOOK: {
    meaning: 'A library was imported by an ES module past the hook that instruments it.',
    how: 'Tracing was started in code after the imports, or without the preload.',
    fix: '`node --import keeptrace/register server.js`',
  },
  UNSUPPORTED_VERSION: {
    meaning: 'The version of a library is none that its instrumentation supports.',
    how: 'The installed version is compared with the range of the instrumentation.',
    fix: 'Install a version inside the range, or a newer instrumentation.',
  },
  BUNDLED: {
    meaning: 'The application is bundled, and libraries inside the bundle cannot be instrumented.',
    how: 'A library is in package.json and was never loaded from node_modules, the entry file is the output of a bundler, and does not load it from outside either.',
    fix: 'Mark it as external: `esbuild --external:pg --external:express`',
  },
  INSTRUMENTATION_DISABLED: {
    meaning: 'Instrumentations are switched off and nothing makes spans, or a name among them is none.',
    how: '`OTEL_NODE_DISABLED_INSTRUMENTATIONS` names all of them, or `http` while no other made a span, or `OTEL_NODE_ENABLED_INSTRUMENTATIONS` none that exists. One that is switched off while others make spans is a choice, and not told of.',
    fix: '`unset OTEL_NODE_DISABLED_INSTRUMENTATIONS`',
  },
  WORKER: {
    meaning: 'A worker thread or a child process runs untraced.',
    how: 'It was started with other flags or another environment than its parent, so that the preload is missing.',
    fix: "`NODE_OPTIONS='--import keeptrace/register'` in the environment that is handed on",
  },
  LOST_AT_EXIT: {
    meaning: 'The process ended before all spans were sent.',
    how: 'Spans were still waiting when it ended. Where `process.exit()` was called, the line that did is named.',
    fix: '`KEEPTRACE_EXIT_TIMEOUT_MS=2000`, or `await tracing.shutdown()` before `process.exit()`.',
  },
  UNENDED_SPANS: {
    meaning: 'Spans were started and never ended.',
    how: 'They are counted, and named with the line of the application that started them. A span that is still open when the doctor stops the application counts when it has been open for half of the time.',
    fix: 'Use `withSpan()`, which ends the span whatever happens, or call `span.end()` in `finally`.',
  },
  NAME_CARDINALITY: {
    meaning: 'Span names contain ids, so that there are as many names as requests.',
    how: 'Five names or more differ in a number, a UUID, a hexadecimal id or a mail address only. What is shown is their pattern, never a name.',
    fix: 'Put the id into an attribute: `withSpan("load order", { attributes: { "order.id": id } }, …)`',
  },
  NOT_STARTED: {
    meaning: 'The command could not be run, or no Node process came of it.',
    how: 'A typing error, or a script that takes `NODE_OPTIONS` out of the environment of what it starts.',
    fix: 'Give the command that runs Node itself: `keeptrace doctor -- node server.js`.',
  },
  NO_TRACING: {
    meaning: 'The application ran without tracing.',
    how: '`initTracing()` was never reached, or tracing refused to start; a line on stderr tells why. A warning where the command starts no tracing and the doctor had to add it.',
    fix: "`NODE_OPTIONS='--import keeptrace/register' node server.js`",
  },
  NO_SPANS: {
    meaning: 'Tracing was on, and nothing made a span.',
    how: 'Nobody called the application while the doctor watched.',
    fix: '`keeptrace doctor --seconds 60 -- node server.js`, and send it a request meanwhile.',
  },
  NOTHING_KEPT: {
    meaning: 'Traces ended and none was kept.',
    how: 'The sampler left all of them out, and none had an error or was slow.',
    fix: '`OTEL_TRACES_SAMPLER=parentbased_always_on keeptrace doctor -- node server.js`, to see the rest of the way.',
  },
  NOT_ACCEPTED: {
    meaning: 'Spans were kept, and the place they were sent to took none of them.',
    how: 'The application names another endpoint or an exporter of its own in code, or there was no time.',
    fix: 'As the finding says; `keeptrace doctor --seconds 30 -- node server.js` for more time.',
  },
} as const satisfies Record<string, Explanation>;
