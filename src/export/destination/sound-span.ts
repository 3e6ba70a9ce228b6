// Finds spans that the serializers encode without complaint into something a collector refuses, batch and all. Pure.
import type { ReadableSpan } from '@opentelemetry/sdk-trace';

/** Levels of maps and lists in an attribute value. Protobuf parsers stop at 100 messages, which are 33 levels. */
const MAX_DEPTH = 32;

const traceId = /^[0-9a-f]{32}$/;
const spanId = /^[0-9a-f]{16}$/;

/** Returns `spans` itself when all are sound, which is nearly always. Never throws. */
export function soundSpans(spans: ReadableSpan[]): ReadableSpan[] {
  return spans.every(isSound) ? spans : spans.filter(isSound);
}

function isSound(span: ReadableSpan): boolean {
  try {
    return isExpressible(span);
  } catch {
    return false;
  }
}

/** The types promise all this; a JavaScript caller does not. */
function isExpressible(span: ReadableSpan): boolean {
  const { message, code } = span.status;
  if (typeof span.name !== 'string' || typeof span.kind !== 'number' || typeof code !== 'number') return false;
  if (message !== undefined && typeof message !== 'string') return false;
  for (const { name } of span.events) if (typeof name !== 'string') return false;
  for (const { context } of span.links) {
    if (!traceId.test(context.traceId) || !spanId.test(context.spanId)) return false;
  }
  for (const key in span.attributes) {
    const value = span.attributes[key];
    if (typeof value === 'object' && value !== null && isDeeper(value, MAX_DEPTH)) return false;
  }
  return true;
}

function isDeeper(value: object, levels: number): boolean {
  if (levels === 0) return true;
  for (const item of Array.isArray(value) ? value : ArrayBuffer.isView(value) ? [] : Object.values(value)) {
    if (typeof item === 'object' && item !== null && isDeeper(item, levels - 1)) return true;
  }
  return false;
}
