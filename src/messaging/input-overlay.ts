// Owns how a request goes out with other fields than the caller's object has, where only that object is at hand: each
// field is looked up by the span of the call that reads it, and is the caller's again once the call is over.
import { context, type Span, trace } from '@opentelemetry/api';
import { isTracingSuppressed } from '@opentelemetry/core';
import { withFields } from './with-fields.ts';

type Input = Record<string, unknown>;
interface Overlay {
  /** What the caller had there; undefined where nothing was. */
  originals: Map<string, PropertyDescriptor | undefined>;
  calls: Map<Span, Input>;
}

const overlays = new WeakMap<object, Overlay>();

/** The caller's own fields, to be read, also while a call with the same object is under way. */
export function callersInput(input: Input): Input {
  const at = overlays.get(input);
  if (at === undefined) return input;
  const own = [...at.originals].map(([key, original]) => [key, callersValue(input, key, original)]);
  return withFields(input, Object.fromEntries(own));
}

/** An object of a class may have on its prototype what it does not have itself. */
function callersValue(input: Input, key: string, original: PropertyDescriptor | undefined): unknown {
  return original === undefined ? Reflect.get(Object.getPrototypeOf(input) ?? {}, key, input) : original.value;
}

/**
 * Lets the call of `span` see `fields`. An object that cannot be changed stays as it is, and its call sees that.
 * @returns whether the call sees them
 */
export function overlay(input: Input, span: Span, fields: Input): boolean {
  const keys = Object.keys(fields);
  if (keys.length === 0) return true;
  if (!Object.isExtensible(input)) return false;
  const at: Overlay = overlays.get(input) ?? { originals: new Map(), calls: new Map() };
  for (const key of keys) {
    const own = Object.getOwnPropertyDescriptor(input, key);
    if (!at.originals.has(key) && own !== undefined && (!own.configurable || !('value' in own))) return false;
  }
  overlays.set(input, at);
  at.calls.set(span, fields);
  for (const key of keys) if (!at.originals.has(key)) cover(input, key, at);
  return true;
}

function cover(input: Input, key: string, at: Overlay): void {
  const original = Object.getOwnPropertyDescriptor(input, key);
  at.originals.set(key, original);
  Object.defineProperty(input, key, {
    configurable: true,
    enumerable: true,
    get: () => {
      const fields = fieldsNow(at);
      return fields !== undefined && Object.hasOwn(fields, key)
        ? fields[key]
        : callersValue(input, key, at.originals.get(key));
    },
    set: (value: unknown) => {
      const fields = fieldsNow(at);
      // A middleware of the app, which has read what this call sends: what it makes of that goes out with it.
      if (fields !== undefined && Object.hasOwn(fields, key)) fields[key] = value;
      else at.originals.set(key, { value, configurable: true, enumerable: true, writable: true });
    },
  });
}

/**
 * A middleware of the app may have opened a span of its own around the call; while there is but one, it is that. Tracing is
 * suppressed within calls, which tells them from whoever else looks at the object meanwhile.
 */
function fieldsNow({ calls }: Overlay): Input | undefined {
  const active = context.active();
  const span = trace.getSpan(active);
  const fields = span && calls.get(span);
  if (fields !== undefined || calls.size !== 1 || !isTracingSuppressed(active)) return fields;
  const [only] = calls.values();
  return only;
}

/** The call is over: without another one, the caller's fields are plain fields again. */
export function uncover(input: Input, span: Span): void {
  const at = overlays.get(input);
  if (at?.calls.delete(span) !== true || at.calls.size > 0) return;
  overlays.delete(input);
  for (const [key, descriptor] of at.originals) {
    // Neither throws where the object has been frozen meanwhile, which then answers as before.
    if (descriptor === undefined) Reflect.deleteProperty(input, key);
    else Reflect.defineProperty(input, key, descriptor);
  }
}
