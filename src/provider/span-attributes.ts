// Owns the one liberty taken with the SDK's span objects: taking an attribute away, for which the API has no call.
import type { Attributes, Span } from '@opentelemetry/api';

/** The attributes of a recording SDK span, live; undefined for any other kind of span. */
export function attributesOf(span: Span): Attributes | undefined {
  const { attributes } = span as { attributes?: Attributes };
  return typeof attributes === 'object' && attributes !== null ? attributes : undefined;
}

/** Removes an attribute, or empties it on a span implementation that does not show its attributes. */
export function removeAttribute(span: Span, key: string): void {
  const attributes = attributesOf(span);
  if (attributes === undefined) span.setAttribute(key, '');
  else delete attributes[key];
}

/** Renames an attribute to its current name where it is set; its value stays. */
export function renameAttribute(span: Span, from: string, to: string): void {
  const attributes = attributesOf(span);
  const value = attributes?.[from];
  if (attributes === undefined || value === undefined) return;
  if (attributes[to] === undefined) attributes[to] = value;
  delete attributes[from];
}
