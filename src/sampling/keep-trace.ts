// Owns keeping by hand: the app knows better than any rule that this request is worth looking at.
import { trace } from '@opentelemetry/api';
import type { KeepReason } from './fragment.ts';

interface Keeping {
  trigger(traceId: string, reason: KeepReason): void;
}

/** A global symbol, because an app can hold two copies of this module: one from `import` and one from `require`. */
const key = Symbol.for('keeptrace.keeper');
const holder = globalThis as { [key]?: Keeping };

export function setKeeper(keeper: Keeping): void {
  holder[key] = keeper;
}

/**
 * Keeps the trace of the active span, whatever the sampler said: its spans here, and those of everything called from now
 * on. Outside a span, and with tracing off, it does nothing. Counts towards `keepBudget`. Never throws.
 *
 * @param reason said on the active span as `keeptrace.manual`, for whoever finds the trace
 */
export function keepTrace(reason?: string): void {
  const span = trace.getActiveSpan();
  if (span === undefined || holder[key] === undefined) return;
  try {
    if (reason !== undefined) span.setAttribute('keeptrace.manual', String(reason));
    holder[key].trigger(span.spanContext().traceId, 'manual');
  } catch {
    // A hostile `reason` or a foreign span: the app goes on.
  }
}
