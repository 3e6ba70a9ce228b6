// Owns the question whether anybody is there to trace. Without, a message should cost little more than its handler.
import { ProxyTracer, trace } from '@opentelemetry/api';

/** The API hands out proxies until a provider is registered, which may come later. */
export function tracingIsOn(): boolean {
  return !(trace.getTracer('keeptrace') instanceof ProxyTracer);
}
