// Bounds one attribute value: its text, its depth, how many parts it has. What is sound is left as it is.
import { cutText } from './cut-text.ts';

/** Levels of maps and lists in a value. */
export const DEPTH = 8;
/** Entries of a nested value, at all levels together. */
const PARTS = 256;
/** Entries of a list that holds nothing but plain values. */
const ENTRIES = 1_024;
/** What a number, or an entry whatever it holds, counts. */
export const ENTRY_BYTES = 16;
const MORE = '…';

/** Bytes of UTF-8. Short text counts a byte for each character, which is right or of no consequence. */
export function textBytes(text: string): number {
  return text.length < 2_048 ? text.length : Buffer.byteLength(text);
}

/** As the SDK has it: what has a class is no value, and is neither read nor copied. */
function isPlain(value: object): boolean {
  return value.constructor === Object || value.constructor === undefined;
}

let parts = 0;

/** About how many bytes a value has on the wire; Infinity when it breaks a bound. Allocates nothing. */
export function weigh(value: unknown, text: number): number {
  if (typeof value === 'string') return value.length < text ? textBytes(value) : Number.POSITIVE_INFINITY;
  if (typeof value !== 'object' || value === null) return 0;
  parts = 0;
  return weighNested(value, text, DEPTH, partsOf(value));
}

function weighNested(value: object, text: number, levels: number, most: number): number {
  if (ArrayBuffer.isView(value)) return value.byteLength < text ? value.byteLength : Number.POSITIVE_INFINITY;
  const isList = Array.isArray(value);
  if (!isList && !isPlain(value)) return 0;
  if (levels === 0) return Number.POSITIVE_INFINITY;
  let size = 0;
  if (isList) {
    if (value.length > most) return Number.POSITIVE_INFINITY;
    for (let at = 0; at < value.length && size < Number.POSITIVE_INFINITY; at++) {
      size += weighPart(value[at], text, levels, most);
    }
  } else {
    for (const key in value) {
      size += key.length + weighPart((value as Record<string, unknown>)[key], text, levels, most);
      if (size === Number.POSITIVE_INFINITY) break;
    }
  }
  return size;
}

function weighPart(item: unknown, text: number, levels: number, most: number): number {
  if (++parts > most) return Number.POSITIVE_INFINITY;
  if (typeof item === 'object' && item !== null) return ENTRY_BYTES + weighNested(item, text, levels - 1, most);
  if (typeof item !== 'string') return ENTRY_BYTES;
  return item.length < text ? ENTRY_BYTES + textBytes(item) : Number.POSITIVE_INFINITY;
}

function partsOf(value: object): number {
  if (!Array.isArray(value)) return PARTS;
  for (let at = 0; at < Math.min(value.length, ENTRIES); at++) if (typeof value[at] === 'object') return PARTS;
  return ENTRIES;
}

interface Room {
  parts: number;
  bytes: number;
  text: number;
}

/** A copy of `value` within all bounds and about `bytes`. Never changes `value`, which may be the app's. */
export function bounded(value: unknown, text: number, bytes = Number.POSITIVE_INFINITY): unknown {
  const parts = typeof value === 'object' && value !== null ? partsOf(value) : 1;
  return copy(value, { parts, bytes, text }, DEPTH);
}

function copy(value: unknown, room: Room, levels: number): unknown {
  if (typeof value === 'string') return copyText(value, room);
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return copyBytes(value, room);
  if (!Array.isArray(value) && !isPlain(value)) return value;
  if (levels === 0) return MORE;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    for (let at = 0; at < value.length && enter(room, 0); at++) list.push(copy(value[at], room, levels - 1));
    return list;
  }
  const map: Record<string, unknown> = {};
  for (const key in value) {
    if (!enter(room, key.length)) break;
    if (key !== '__proto__') map[key] = copy((value as Record<string, unknown>)[key], room, levels - 1);
  }
  return map;
}

/** Whether there is room for one more entry. */
function enter(room: Room, keyBytes: number): boolean {
  room.bytes -= ENTRY_BYTES + keyBytes;
  return room.parts-- > 0 && room.bytes > 0;
}

function copyText(value: string, room: Room): string {
  // Before it is measured: measuring megabytes takes milliseconds.
  const text = value.length < room.text ? value : cutText(value, room.text);
  const size = textBytes(text);
  // In proportion, where a character takes several bytes.
  const fits = size <= room.bytes ? text.length : Math.floor((Math.max(0, room.bytes) * text.length) / size);
  const cut = fits === text.length ? text : cutText(text, fits);
  room.bytes -= size <= room.bytes ? size : room.bytes;
  return cut;
}

function copyBytes(view: ArrayBufferView, room: Room): Uint8Array {
  const most = Math.floor(Math.max(0, Math.min(view.byteLength, room.text, room.bytes)));
  room.bytes -= most;
  return new Uint8Array(view.buffer, view.byteOffset, most).slice();
}
