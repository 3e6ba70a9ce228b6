// Bounds what one span may hold, before anything reads its values: a text of megabytes would cost seconds of redaction
// and encoding, and the memory of a thousand ordinary spans. What was cut is named on the span.
import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { type Note, SPAN_LIMIT, shrink } from './cut-largest.ts';
import { cutText } from './cut-text.ts';
import { bounded, ENTRY_BYTES, textBytes, weigh } from './cut-value.ts';

/** Characters of one text. */
export const TEXT_LIMIT = 16_384;
/** Names of what was cut, on the span: attribute keys, `name`, `status.message`, `events`, `links`. */
export const CUT = 'keeptrace.cut';
const KEY_LIMIT = 256;
const MOST_NAMES = 16;

/**
 * Makes the function that cuts an ended span in place; it never throws. An ordinary span is looked at once and left alone.
 * @param valueLength characters at which the SDK has cut attribute values already, `OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`.
 *   A text of just that length was cut blindly, maybe through a secret, and still holds on to all that was cut off.
 */
export function createCutter(valueLength = TEXT_LIMIT): (span: ReadableSpan) => void {
  const text = Math.min(valueLength, TEXT_LIMIT);
  return (span) => {
    try {
      if (!(weighSpan(span, text) <= SPAN_LIMIT)) cut(span, text);
    } catch {
      // Not a span of the SDK's making, or changed into something else. Redaction and sealing find it, too.
    }
  };
}

/** Goes in front of every processor that reads values. */
export function cutOversize(limits: { attributeValueLength: number }): SpanProcessor {
  const nothing = async () => {};
  return { onStart() {}, onEnd: createCutter(limits.attributeValueLength), forceFlush: nothing, shutdown: nothing };
}

/** About how many bytes the span has on the wire; Infinity when a part of it breaks a bound of its own. */
export function weighSpan(span: ReadableSpan, text: number): number {
  const { name, status, attributes, events, links } = span;
  let size = weigh(name, TEXT_LIMIT) + weighAttributes(attributes, text);
  if (status.message !== undefined) size += weigh(status.message, TEXT_LIMIT);
  for (const event of events) size += weigh(event.name, TEXT_LIMIT) + weighAttributes(event.attributes, text);
  for (const link of links) size += weighAttributes(link.attributes, text);
  return size;
}

function weighAttributes(attributes: Attributes | undefined, text: number): number {
  let size = 0;
  for (const key in attributes) {
    const value = attributes[key];
    if (typeof value === 'string' && value.length < text) size += textBytes(value);
    else if (typeof value === 'string' || typeof value === 'object') size += weigh(value, text);
    size += key.length <= KEY_LIMIT ? key.length + ENTRY_BYTES : Number.POSITIVE_INFINITY;
  }
  return size;
}

function cut(span: ReadableSpan, text: number): void {
  const before = span.attributes[CUT];
  const names = new Set<string>(Array.isArray(before) ? (before as string[]) : []);
  const note: Note = (name) => {
    if (names.size < MOST_NAMES) names.add(name.length <= KEY_LIMIT ? name : 'a long key');
  };
  cutField(span, 'name', 'name', note);
  cutField(span.status, 'message', 'status.message', note);
  cutAttributes(span.attributes, text, note);
  for (const event of span.events) {
    cutField(event, 'name', 'events', note);
    if (event.attributes) cutAttributes(event.attributes, text, note);
  }
  for (const link of span.links) if (link.attributes) cutAttributes(link.attributes, text, note);
  if (weighSpan(span, text) > SPAN_LIMIT) shrink(span, text, note);
  if (names.size > 0) span.attributes[CUT] = [...names];
}

/**
 * `value`, or a copy of it within bounds: for values that are given to a span, before the SDK copies all of them. Reads
 * what it is given, and so throws what a getter throws.
 */
export function boundedValue(value: object, note: () => void): object {
  if (weigh(value, TEXT_LIMIT) < Number.POSITIVE_INFINITY) return value;
  note();
  return bounded(value, TEXT_LIMIT) as object;
}

/** Names something that was cut before the span ended. */
export function noteCut(span: { attributes: Attributes }, name: string): void {
  const names = span.attributes[CUT];
  if (!Array.isArray(names)) span.attributes[CUT] = [name];
  else if (names.length < MOST_NAMES && !(names as string[]).includes(name)) (names as string[]).push(name);
}

function cutAttributes(attributes: Attributes, text: number, note: Note): void {
  for (const key of Object.keys(attributes)) {
    const value = attributes[key];
    if (key.length > KEY_LIMIT) delete attributes[key];
    else if (weigh(value, text) === Number.POSITIVE_INFINITY) attributes[key] = bounded(value, text) as string;
    else continue;
    note(key);
  }
}

/** What is no text is left for the check of soundness. */
function cutField<Key extends string>(holder: { readonly [key in Key]?: string }, key: Key, label: string, note: Note) {
  const value: unknown = holder[key];
  if (typeof value !== 'string' || value.length < TEXT_LIMIT) return;
  (holder as { [key in Key]?: string })[key] = cutText(value, TEXT_LIMIT);
  note(label);
}
