// Owns how trace context is read from and written to the headers of a message, one carrier per kind of broker.
import { ownKey, textOf, textOfBase64 } from './carrier-values.ts';

/** Where a message has its headers. All of it may throw on hostile input; who calls it does not let that out. */
export interface Carrier<C> {
  keys(c: C | undefined): string[];
  /** Upper and lower case are the same; trimmed; undefined when there is no such text. */
  get(c: C | undefined, key: string): string | undefined;
  /** Replaces what is there under the same name; never called with ''. */
  set(c: C, key: string, value: string): void;
  delete?(c: C, key: string): void;
  /** How many more entries it takes. Without it: any number. */
  room?(c: C): number;
}

/** `MessageAttributes` of SQS and SNS, as they are sent and received. */
export type MessageAttributes = Record<string, MessageAttribute>;
export interface MessageAttribute {
  DataType?: string | undefined;
  StringValue?: string | undefined;
  BinaryValue?: Uint8Array | undefined;
}
/** An attribute wherever it is read: also of a Lambda record, or of the envelope in which SNS delivers to SQS. */
export type ReadAttribute =
  | MessageAttribute
  | { stringValue?: string | undefined; binaryValue?: string | undefined; dataType: string }
  | { Type: string; Value: string };
export type HeaderValue = Uint8Array | string | (Uint8Array | string)[] | undefined;
/** `MsgHdrs` of nats.js. */
export interface NatsHeaders {
  get(key: string): string;
  set(key: string, value: string): void;
  keys(): string[];
  values?(key: string): string[];
  delete?(key: string): void;
}
/** `job.opts` of BullMQ, where bullmq-otel has its headers as JSON. Also without: `object` takes options of any other name. */
export type BullmqOptions = object & { telemetry?: { metadata?: string | undefined } | undefined };

/** More than these and AWS refuses a message, or an SNS subscription with raw delivery loses it. */
export const mostAttributes = 10;
/** Watermill adds an attribute of its own to those of the metadata: `_watermill_message_uuid`. */
const mostWatermill = mostAttributes - 1;

/** `__proto__` is a name like any other. */
export function define(attributes: MessageAttributes, name: string, value: unknown): void {
  Object.defineProperty(attributes, name, { value, enumerable: true, configurable: true, writable: true });
}

/** @param make what is stored for a text; @param read the text of what is stored */
function table<C extends object>(
  read: (value: unknown) => string | undefined,
  make: (text: string) => unknown = String,
) {
  return {
    keys: (c: C | undefined) => (isObject(c) ? Object.keys(c) : []),
    get(c: C | undefined, key: string) {
      const name = isObject(c) ? ownKey(c, key) : undefined;
      return name === undefined ? undefined : read((c as Record<string, unknown>)[name]);
    },
    set(c: C, key: string, value: string) {
      remove(c, key);
      (c as Record<string, unknown>)[key] = make(value);
    },
    delete: remove,
  };
}

function remove(c: object, key: string): void {
  for (let name = ownKey(c, key); name !== undefined; name = ownKey(c, key)) {
    if (!Reflect.deleteProperty(c, name)) return;
  }
}

const plain = table<Record<string, string>>(textOf);

const attributes: Carrier<Record<string, ReadAttribute>> = {
  ...table<Record<string, ReadAttribute>>(attributeText, (text) => ({ DataType: 'String', StringValue: text })),
  room: (c) => mostAttributes - Object.keys(c).length,
};

function attributeText(value: unknown): string | undefined {
  if (!isObject(value)) return undefined;
  const { StringValue, stringValue, Value, BinaryValue, binaryValue, Type } = value as Record<string, unknown>;
  return (
    textOf(StringValue) ??
    textOf(stringValue) ??
    (Type === 'Binary' ? textOfBase64(Value) : textOf(Value)) ??
    textOfBase64(BinaryValue) ??
    textOfBase64(binaryValue)
  );
}

const watermill: Carrier<Record<string, string>> = {
  ...plain,
  room: (c) => mostWatermill - Object.keys(c).length,
};

/** The context of Watermill's older tracing add-on, which knows no flags: two hex ids, and whoever sent them sampled. */
const watermillLegacy: Carrier<Record<string, string>> = {
  ...watermill,
  get(c, key) {
    const value = watermill.get(c, key);
    if (value !== undefined || key.toLowerCase() !== 'traceparent') return value;
    const traceId = watermill.get(c, 'trace_id');
    const spanId = watermill.get(c, 'span_id');
    return traceId === undefined || spanId === undefined ? undefined : `00-${traceId}-${spanId}-01`;
  },
};

const nats: Carrier<NatsHeaders> = {
  keys: (c) => (isObject(c) ? c.keys() : []),
  get(c, key) {
    const name = natsKey(c, key);
    if (c === undefined || name === undefined) return undefined;
    return textOf(typeof c.values === 'function' ? c.values(name) : c.get(name));
  },
  set(c, key, value) {
    nats.delete?.(c, key);
    c.set(key, value);
  },
  delete(c, key) {
    // A key minds its case there: two that differ in nothing else can both be present.
    for (const name of c.keys()) if (name.toLowerCase() === key.toLowerCase()) c.delete?.(name);
  },
};

function natsKey(c: NatsHeaders | undefined, key: string): string | undefined {
  return isObject(c) ? c.keys().find((name) => name.toLowerCase() === key.toLowerCase()) : undefined;
}

const bullmq: Carrier<BullmqOptions> = {
  keys: (c) => Object.keys(metadataOf(c) ?? {}),
  get: (c, key) => plain.get(metadataOf(c), key),
  set(c, key, value) {
    const metadata = metadataOf(c);
    // What is no JSON object belongs to somebody else's telemetry, and is left alone.
    if (metadata === undefined) return;
    plain.set(metadata, key, value);
    c.telemetry = { ...c.telemetry, metadata: JSON.stringify(metadata) };
  },
  delete(c, key) {
    const metadata = metadataOf(c);
    if (metadata === undefined || ownKey(metadata, key) === undefined) return;
    remove(metadata, key);
    c.telemetry = { ...c.telemetry, metadata: JSON.stringify(metadata) };
  },
};

function metadataOf(c: BullmqOptions | undefined): Record<string, string> | undefined {
  const text = isObject(c) ? c.telemetry?.metadata : undefined;
  if (text === undefined || text === '') return {};
  if (typeof text !== 'string' || text.length > 65_536) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    return isObject(parsed) && !Array.isArray(parsed) ? (parsed as Record<string, string>) : undefined;
  } catch {
    return undefined;
  }
}

function isObject<T>(value: T): value is T & object {
  return typeof value === 'object' && value !== null;
}

/** Where each broker has the headers of a message; see docs/messaging.md for what to pass. */
export const carriers = {
  /** `MessageAttributes`; also those of a Lambda record (`messageAttributes`). */
  sqs: attributes,
  /** `MessageAttributes` of Publish, and those in the envelope on SQS. */
  sns: attributes,
  /** `message.headers` of kafkajs and others: strings, Buffers, or arrays of them. */
  kafka: table<Record<string, HeaderValue>>(textOf),
  /** `properties.headers`. */
  amqp: table<Record<string, unknown>>(textOf),
  nats,
  bullmq,
  /** The metadata of a Watermill message, of which it makes one attribute each. */
  watermill,
  /** As `watermill`, and believes `trace_id` and `span_id` where there is no `traceparent`. */
  watermillLegacy,
  textMap: plain,
} satisfies Record<string, unknown>;

export { extractHeaders, type InjectOptions, injectHeaders } from './headers.ts';
