// Estimates what a span costs in memory: the store is bounded by it. Pure, iterative.
import type { ReceivedSpan } from '../../receiver/received-span.ts';

const SPAN_BYTES = 900;
const ENTRY_BYTES = 64;

/** Without the resource and the scope, which the spans of a request share. */
export function weighSpan(span: ReceivedSpan): number {
  let bytes = SPAN_BYTES + span.name.length + span.traceState.length + span.status.message.length;
  bytes += weighBag(span.attributes);
  for (const event of span.events) bytes += 200 + event.name.length + weighBag(event.attributes);
  for (const link of span.links) bytes += 350 + link.traceState.length + weighBag(link.attributes);
  return bytes;
}

export function weighBag(bag: Record<string, unknown>): number {
  let bytes = 0;
  const stack: unknown[] = [bag];
  for (let value = stack.pop(); value !== undefined; value = stack.pop()) {
    if (typeof value === 'string') bytes += value.length;
    else if (value instanceof Uint8Array) bytes += value.length + 100;
    else if (typeof value === 'object' && value !== null) {
      for (const [key, inner] of Object.entries(value)) {
        bytes += ENTRY_BYTES + key.length;
        if (typeof inner === 'string') bytes += inner.length;
        else if (typeof inner === 'object' && inner !== null) stack.push(inner);
      }
    }
  }
  return bytes;
}
