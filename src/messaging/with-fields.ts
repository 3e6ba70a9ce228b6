// Owns the stand-in for an object of the caller that has other fields in some places, and is not written to.
import { types } from 'node:util';

type Fields = Readonly<Record<PropertyKey, unknown>>;

/**
 * `given` with `fields` in it. What an object of a class or a proxy has is not all there to be copied, so each field of
 * those is looked up when it is asked for.
 */
export function withFields<T extends object>(given: T, fields: Fields = {}): T {
  if (isPlain(given)) return { ...given, ...fields };
  const here: Record<PropertyKey, unknown> = { ...fields };
  const has = (key: PropertyKey) => Object.hasOwn(here, key);
  // Not `given` is what is proxied: were it frozen, its fields could not differ.
  return new Proxy({} as T, {
    get: (_, key) => (has(key) ? here[key] : Reflect.get(given, key, given)),
    // By a middleware of the app, on its way to the next.
    set: (_, key, value) => Reflect.set(here, key, value),
    has: (_, key) => has(key) || Reflect.has(given, key),
    ownKeys: () => [...new Set([...Reflect.ownKeys(given), ...Reflect.ownKeys(here)])],
    getPrototypeOf: () => Reflect.getPrototypeOf(given),
    getOwnPropertyDescriptor(_, key) {
      const own = has(key) ? { enumerable: true } : Reflect.getOwnPropertyDescriptor(given, key);
      if (own === undefined) return undefined;
      const value: unknown = has(key) ? here[key] : Reflect.get(given, key, given);
      return { value, enumerable: own.enumerable === true, configurable: true, writable: true };
    },
  });
}

/** Also of another realm, as in tests that run in one. */
function isPlain(given: object): boolean {
  if (types.isProxy(given)) return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  if (prototype === null || prototype === Object.prototype) return true;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, 'hasOwnProperty');
}
