// Owns how much a message may grow: AWS counts attributes in, and refuses one that is a byte too long.
import type { MessageAttributes } from './carriers.ts';

/** What topics take, and queues made before August 2025, unless told otherwise; then what newer queues take. */
const limits = [262_144, 1_048_576];

/** Bytes that may come on top of `used` without reaching the next limit. */
export function bytesLeft(used: number): number {
  for (const limit of limits) if (used <= limit) return limit - used;
  return 0;
}

export function messageBytes(body: unknown, attributes: MessageAttributes | undefined): number {
  let bytes = textBytes(body);
  if (attributes === undefined || attributes === null) return bytes;
  for (const [name, value] of Object.entries(attributes)) {
    bytes += textBytes(name) + textBytes(value?.DataType) + textBytes(value?.StringValue);
    bytes += value?.BinaryValue?.byteLength ?? textBytes(value?.BinaryValue);
  }
  return bytes;
}

export function attributeBytes(name: string, value: string): number {
  return Buffer.byteLength(name) + 'String'.length + Buffer.byteLength(value);
}

function textBytes(text: unknown): number {
  return typeof text === 'string' ? Buffer.byteLength(text) : 0;
}
