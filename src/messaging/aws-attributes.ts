// Owns the bounded copy of a message's attributes: those of the app as they are, no context of another message, and as
// much of ours as fits. What the caller passed is never written to.
import { attributeBytes } from './aws-size.ts';
import { define, type MessageAttributes, mostAttributes } from './carriers.ts';
import { leading } from './headers.ts';

export interface Filled {
  attributes: MessageAttributes | undefined;
  /** Whether the first of the headers, which tells the trace, found a place; with B3 it may be several. */
  carried: boolean;
  /** Whether others found none. */
  cut: boolean;
  /** Bytes that were added. */
  bytes: number;
}

/**
 * @param headers the most important first; none with an empty value
 * @param stale keys, in lower case, that only a context has
 * @param bytes that may be added
 */
export function fillAttributes(
  given: MessageAttributes | undefined,
  headers: readonly (readonly [string, string])[],
  stale: ReadonlySet<string>,
  bytes: number,
): Filled {
  const attributes: MessageAttributes = {};
  let count = 0;
  for (const name of Object.keys(given ?? {})) {
    if (stale.has(name.toLowerCase())) continue;
    define(attributes, name, (given as MessageAttributes)[name]);
    count += 1;
  }
  const first = leading(headers);
  const needed = headers.slice(0, first);
  const size = (all: typeof headers) => all.reduce((sum, [name, value]) => sum + attributeBytes(name, value), 0);
  const carried =
    needed.length > 0 &&
    count + first <= mostAttributes &&
    size(needed) <= bytes &&
    !needed.some(([name]) => Object.hasOwn(attributes, name));
  let added = 0;
  let cut = false;
  for (const [index, header] of (carried ? headers : []).entries()) {
    const [name, value] = header;
    // The last place but for the trace itself is Watermill's, which adds its `_watermill_message_uuid`.
    const fits = index < first || (count < mostAttributes - 1 && !Object.hasOwn(attributes, name));
    if (!fits || added + size([header]) > bytes) {
      cut = true;
      continue;
    }
    attributes[name] = { DataType: 'String', StringValue: value };
    count += 1;
    added += size([header]);
  }
  return { attributes: count === 0 ? emptyAs(given) : attributes, carried, cut, bytes: added };
}

/** A message without attributes stays one; where all of them were stale, none are left. */
function emptyAs(given: MessageAttributes | undefined): MessageAttributes | undefined {
  return given === undefined || given === null || Object.keys(given).length > 0 ? undefined : given;
}
