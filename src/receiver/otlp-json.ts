// Decodes ExportTraceServiceRequest from OTLP/JSON: hex ids, base64 bytes, 64-bit integers as strings or numbers
// (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding).
import { checkDepth, ElementBudget, idOf, integerOf, OtlpDecodeError, requireIds, setOwn } from './decode-rules.ts';
import { emptyEvent, emptyLink, emptySpan, kindOf, type ReceivedSpan, statusCodeOf } from './received-span.ts';

type Json = Record<string, unknown>;

export function decodeJsonTraces(body: Uint8Array): ReceivedSpan[] {
  const text = Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
  const request = parse(text);
  const budget = new ElementBudget();
  const spans: ReceivedSpan[] = [];
  for (const group of list(request, 'resourceSpans')) {
    const resource = attributes(object(group.resource, 'resource'), budget);
    for (const scoped of list(group, 'scopeSpans')) {
      const raw = object(scoped.scope, 'scope');
      const scope = { name: string(raw, 'name'), version: string(raw, 'version') };
      for (const span of list(scoped, 'spans')) {
        budget.take();
        spans.push(decodeSpan(span, emptySpan(resource, scope), budget));
      }
    }
  }
  return spans;
}

function parse(text: string): Json {
  try {
    return object(JSON.parse(text), 'the request');
  } catch (error) {
    if (error instanceof OtlpDecodeError) throw error;
    throw new OtlpDecodeError('the body is not JSON');
  }
}

function decodeSpan(json: Json, span: ReceivedSpan, budget: ElementBudget): ReceivedSpan {
  span.traceId = idOf(string(json, 'traceId'), 32, 'traceId');
  span.spanId = idOf(string(json, 'spanId'), 16, 'spanId');
  requireIds(span);
  span.parentSpanId = idOf(string(json, 'parentSpanId'), 16, 'parentSpanId') || undefined;
  span.traceState = string(json, 'traceState');
  span.name = string(json, 'name');
  span.kind = kindOf(number(json, 'kind'));
  span.startTimeUnixNano = nanos(json, 'startTimeUnixNano');
  span.endTimeUnixNano = nanos(json, 'endTimeUnixNano');
  span.attributes = attributes(json, budget);
  const status = object(json.status, 'status');
  span.status = { code: statusCodeOf(number(status, 'code')), message: string(status, 'message') };
  span.flags = number(json, 'flags');
  span.droppedAttributesCount = number(json, 'droppedAttributesCount');
  span.droppedEventsCount = number(json, 'droppedEventsCount');
  span.droppedLinksCount = number(json, 'droppedLinksCount');
  for (const raw of list(json, 'events')) {
    budget.take();
    const event = emptyEvent();
    event.name = string(raw, 'name');
    event.timeUnixNano = nanos(raw, 'timeUnixNano');
    event.attributes = attributes(raw, budget);
    event.droppedAttributesCount = number(raw, 'droppedAttributesCount');
    span.events.push(event);
  }
  for (const raw of list(json, 'links')) {
    budget.take();
    const link = emptyLink();
    link.traceId = idOf(string(raw, 'traceId'), 32, 'link traceId');
    link.spanId = idOf(string(raw, 'spanId'), 16, 'link spanId');
    link.traceState = string(raw, 'traceState');
    link.attributes = attributes(raw, budget);
    link.droppedAttributesCount = number(raw, 'droppedAttributesCount');
    link.flags = number(raw, 'flags');
    span.links.push(link);
  }
  return span;
}

function attributes(holder: Json, budget: ElementBudget): Record<string, unknown> {
  return bag(list(holder, 'attributes'), budget, 0);
}

function bag(entries: Json[], budget: ElementBudget, depth: number): Record<string, unknown> {
  const result: Record<string, unknown> = {};
  for (const entry of entries) {
    budget.take();
    setOwn(result, string(entry, 'key'), anyValue(object(entry.value, 'value'), budget, depth));
  }
  return result;
}

function anyValue(json: Json, budget: ElementBudget, depth: number): unknown {
  checkDepth(depth);
  if (json.stringValue !== undefined) return string(json, 'stringValue');
  if (json.boolValue !== undefined) return json.boolValue === true;
  if (json.intValue !== undefined) return integer(json.intValue);
  if (json.doubleValue !== undefined) return double(json.doubleValue);
  if (json.bytesValue !== undefined) return new Uint8Array(Buffer.from(string(json, 'bytesValue'), 'base64'));
  if (json.arrayValue !== undefined) {
    return list(object(json.arrayValue, 'arrayValue'), 'values').map((item) => {
      budget.take();
      return anyValue(item, budget, depth + 1);
    });
  }
  if (json.kvlistValue !== undefined) {
    return bag(list(object(json.kvlistValue, 'kvlistValue'), 'values'), budget, depth + 1);
  }
  return null;
}

function integer(value: unknown): number | bigint {
  // Writers that print a number too large for int64 mean a float; it stays one.
  if (typeof value === 'number' && (!Number.isInteger(value) || Math.abs(value) > 2 ** 63)) return value;
  return integerOf(bigint(value, 'intValue'));
}

/** `null` is how JSON.stringify writes NaN and the infinities; which one it was is lost. */
function double(value: unknown): number | null {
  if (value === null || typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  throw new OtlpDecodeError('doubleValue is not a number');
}

function bigint(value: unknown, what: string): bigint {
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value);
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) return BigInt(value);
  throw new OtlpDecodeError(`${what} is not an integer`);
}

function nanos(holder: Json, key: string): bigint {
  const value = holder[key];
  return value === undefined || value === null ? 0n : bigint(value, key);
}

function number(holder: Json, key: string): number {
  const value = holder[key];
  if (value === undefined || value === null) return 0;
  if (typeof value === 'number') return value;
  throw new OtlpDecodeError(`${key} is not a number`);
}

function string(holder: Json, key: string): string {
  const value = holder[key];
  if (value === undefined || value === null) return '';
  if (typeof value === 'string') return value;
  throw new OtlpDecodeError(`${key} is not a string`);
}

function list(holder: Json, key: string): Json[] {
  const value = holder[key];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new OtlpDecodeError(`${key} is not an array`);
  return value.map((item) => object(item, `an element of ${key}`));
}

/** An absent message is an empty one; anything that is not an object is refused. */
function object(value: unknown, what: string): Json {
  if (value === undefined || value === null) return {};
  if (typeof value === 'object' && !Array.isArray(value)) return value as Json;
  throw new OtlpDecodeError(`${what} is not an object`);
}
