// Brings a span of many or large parts down to its size: the largest values are levelled first, small ones stay whole.
import type { Attributes } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { bounded, ENTRY_BYTES, textBytes, weigh } from './cut-value.ts';

/** Bytes of one span, about. */
export const SPAN_LIMIT = 65_536;
/** For the names of what was cut, and what others write onto the span later. */
const RESERVE = 4_096;
/** Values levelled to less would say nothing; rather whole events go. */
const LEAST_LEVEL = 256;

/** Takes the name of what was cut. */
export type Note = (name: string) => void;

interface Part {
  size: number;
  fixed: number;
  label: string;
  cutTo(bytes: number): void;
}

/** @param text characters that a value may have */
export function shrink(span: ReadableSpan, text: number, note: Note): void {
  let parts = partsOf(span, text);
  while (level(parts) < LEAST_LEVEL && halve(span, note)) parts = partsOf(span, text);
  const most = Math.max(LEAST_LEVEL, level(parts));
  for (const part of parts) {
    if (part.size <= most) continue;
    part.cutTo(most);
    note(part.label);
  }
}

/** The size down to which all parts must come for the sum to be within the limit. */
function level(parts: Part[]): number {
  let room = SPAN_LIMIT - RESERVE;
  for (const { fixed } of parts) room -= fixed;
  const sizes = parts.map(({ size }) => size).sort((a, b) => a - b);
  for (let at = 0; at < sizes.length; at++) {
    const share = room / (sizes.length - at);
    if (sizes[at]! > share) return share;
    room -= sizes[at]!;
  }
  return Number.POSITIVE_INFINITY;
}

function partsOf(span: ReadableSpan, text: number): Part[] {
  const parts: Part[] = [];
  const field = (holder: object, key: string, label: string) => {
    const value = (holder as Record<string, unknown>)[key];
    if (typeof value !== 'string') return;
    const cutTo = (bytes: number) => {
      (holder as Record<string, unknown>)[key] = bounded(value, text, bytes);
    };
    parts.push({ size: textBytes(value), fixed: 0, label, cutTo });
  };
  const all = (attributes: Attributes | undefined) => {
    for (const key in attributes) {
      const value = attributes[key];
      const cutTo = (bytes: number) => {
        attributes[key] = bounded(value, text, bytes) as string;
      };
      parts.push({ size: weigh(value, text), fixed: key.length + ENTRY_BYTES, label: key, cutTo });
    }
  };
  field(span, 'name', 'name');
  field(span.status, 'message', 'status.message');
  all(span.attributes);
  for (const event of span.events) {
    field(event, 'name', 'events');
    all(event.attributes);
  }
  for (const link of span.links) all(link.attributes);
  return parts;
}

/** Lets go half of the events or links, whichever weigh more, oldest first as the SDK does; then of the attributes. */
function halve(span: ReadableSpan, note: Note): boolean {
  const { events, links, attributes } = span;
  const [heavy, name, counter] =
    weighAll(links) > weighAll(events)
      ? ([links, 'links', '_droppedLinksCount'] as const)
      : ([events, 'events', '_droppedEventsCount'] as const);
  if (heavy.length > 0) {
    const gone = heavy.splice(0, Math.ceil(heavy.length / 2)).length;
    // Behind the SDK's `droppedEventsCount`, which backends show; it has no setter.
    const counters = span as unknown as Record<string, unknown>;
    if (typeof counters[counter] === 'number') (counters[counter] as number) += gone;
    note(name);
    return true;
  }
  const keys = Object.keys(attributes);
  if (keys.length < 2) return false;
  for (const key of keys.slice(keys.length >> 1)) {
    delete attributes[key];
    note(key);
  }
  return true;
}

function weighAll(parts: readonly { attributes?: Attributes }[]): number {
  let size = 0;
  for (const { attributes } of parts) {
    size += ENTRY_BYTES;
    for (const key in attributes) size += key.length + ENTRY_BYTES + weigh(attributes[key], Number.POSITIVE_INFINITY);
  }
  return size;
}
