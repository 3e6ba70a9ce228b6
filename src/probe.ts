// Owns what keeptrace/testing may see of tracing that runs: spans behind the noise filter, and the instrumentations.
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

/** Told of every recorded span in the turn in which it happens. Must not throw. */
export interface SpanWatcher {
  started(span: Span): void;
  ended(span: ReadableSpan): void;
  /** It has ended, and was noise: nobody gets to see it. */
  forgotten(span: ReadableSpan): void;
}

export interface Probe {
  readonly watchers: Set<SpanWatcher>;
  /** Set once tracing is on. */
  instrumentations: readonly Instrumentation[];
  /** Sentences about those that could not be started. */
  problems: readonly string[];
  /** Takes every patch back, so that the next module registry of the same process can put its own in place. */
  retire(): void;
}

/** A global symbol, because an app can hold two copies of this module: one from `import` and one from `require`. */
const key = Symbol.for('keeptrace.probe');
const holder = globalThis as { [key]?: Probe };

export function openProbe(): Probe {
  const probe: Probe = { watchers: new Set(), instrumentations: [], problems: [], retire() {} };
  holder[key] = probe;
  return probe;
}

/** Undefined when no tracing of keeptrace's runs in this thread. */
export function runningProbe(): Probe | undefined {
  return holder[key];
}

type Stage = SpanProcessor & { forget(span: ReadableSpan): void };

/**
 * The watchers see an ended span after `stage` has: what it decided is known by then. Without any, which is how production
 * runs, not even an iterator is made.
 */
export function watched({ watchers }: Probe, stage: Stage): Stage {
  return {
    onStart(span, context) {
      stage.onStart(span, context);
      if (watchers.size > 0) for (const watcher of watchers) watcher.started(span);
    },
    onEnd(span) {
      stage.onEnd(span);
      if (watchers.size > 0) for (const watcher of watchers) watcher.ended(span);
    },
    forget(span) {
      stage.forget(span);
      if (watchers.size > 0) for (const watcher of watchers) watcher.forgotten(span);
    },
    forceFlush: () => stage.forceFlush(),
    shutdown: () => stage.shutdown(),
  };
}
