// Estimates what a live span holds in memory. Pure.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** What a span with a handful of short attributes was measured to hold on to. */
const SPAN_BYTES = 1_204;
/** An entry of a list or map, a number: the order of magnitude is enough. */
const VALUE_BYTES = 16;

/** For sound spans, whose values have a bounded depth. Text counts one byte per character. */
export function sizeOf({ name, attributes, events, links, status }: ReadableSpan): number {
  let size = SPAN_BYTES + name.length + (status.message?.length ?? 0) + textIn(attributes);
  for (const event of events) size += event.name.length + textIn(event.attributes);
  for (const link of links) size += textIn(link.attributes);
  return size;
}

/** Numbers and booleans of the top level are in the measured size already. */
function textIn(attributes: ReadableSpan['attributes'] | undefined): number {
  let size = 0;
  for (const key in attributes) size += key.length + valueSize(attributes[key]);
  return size;
}

function valueSize(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  if (ArrayBuffer.isView(value)) return value.byteLength;
  let size = 0;
  for (const item of Array.isArray(value) ? value : Object.values(value)) size += VALUE_BYTES + valueSize(item);
  return size;
}
