// `key=value,key=value` with percent-encoding, as headers and resource attributes are written. One bad pair never costs the others.
import type { Fault, Reading } from './row.ts';
import { printable } from './sentence.ts';

/** Entries are told by position, because a mangled entry may consist of a secret alone; of an attribute the key is told too. */
export function readPairs(raw: string, kind: 'header' | 'attribute'): Reading<Record<string, string>> {
  const value: Record<string, string> = {};
  const faults: Fault[] = [];
  for (const [index, entry] of raw.split(',').entries()) {
    if (entry.trim() === '') continue;
    const label = `entry ${index + 1}`;
    const pair = kind === 'header' ? readHeader(entry, label, faults) : readAttribute(entry, label, faults);
    if (pair) value[pair[0]] = pair[1];
  }
  return { value: Object.keys(value).length > 0 ? value : undefined, faults };
}

function readAttribute(entry: string, label: string, faults: Fault[]): [string, string] | undefined {
  const [key, value] = halves(entry);
  if (!key || value === undefined) {
    faults.push({ code: 'KT_BAD_ENTRY', why: `has ${label}, which is not key=value` });
    return undefined;
  }
  const named = `${label} (${printable(key)})`;
  if (value.includes('='))
    faults.push({ code: 'KT_BAD_ENTRY', why: `has ${named} with a second = that should be %3D` });
  return [decode(key, named, faults), decode(value, named, faults)];
}

// RFC 9110 §5.6.2, the characters of a field name.
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
// Node refuses to send anything else (ERR_INVALID_CHAR), so every export would fail.
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]+$/;
/** Set by the exporter itself; a second opinion would break every request. */
const RESERVED = new Set(['content-type', 'content-length', 'content-encoding', 'transfer-encoding', 'connection']);

function readHeader(entry: string, label: string, faults: Fault[]): [string, string] | undefined {
  const drop = (why: string): undefined => {
    faults.push({ code: 'KT_BAD_HEADER', why });
  };
  const [key, value] = halves(entry);
  if (!key || value === undefined) return drop(`has ${label}, which is not name=value`);
  if (value === '') return drop(`has ${label} without a value`);
  const name = decode(key, label, faults).toLowerCase();
  if (!HEADER_NAME.test(name)) return drop(`has ${label} with a name that is no header name`);
  if (RESERVED.has(name)) return drop(`sets ${name}, which belongs to the exporter`);
  const text = decode(value, label, faults);
  if (!HEADER_VALUE.test(text))
    return drop(`has ${label} with a line break or another character that no header may contain`);
  if (entry.includes(';')) {
    faults.push({
      code: 'KT_BAD_HEADER',
      why: `has ${label} with a ; at which other OpenTelemetry SDKs cut the value (here it is sent whole)`,
    });
  }
  return [name, text];
}

function halves(entry: string): [string, string | undefined] {
  const at = entry.indexOf('=');
  return at === -1 ? [entry.trim(), undefined] : [entry.slice(0, at).trim(), entry.slice(at + 1).trim()];
}

/** A stray `%` is most often a literal one, so the text is used as it stands instead of losing the pair. */
function decode(text: string, label: string, faults: Fault[]): string {
  try {
    return decodeURIComponent(text);
  } catch {
    faults.push({
      code: 'KT_BAD_ESCAPE',
      why: `has ${label} with a % that is no escape (write it %25; here it is taken literally)`,
    });
    return text;
  }
}
