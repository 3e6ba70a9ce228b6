// Decodes ExportTraceServiceRequest from protobuf. Field numbers: opentelemetry-proto 1.x, trace/v1 and common/v1.
import { checkDepth, ElementBudget, idOf, integerOf, requireIds, setOwn } from './decode-rules.ts';
import { ProtobufReader } from './protobuf-reader.ts';
import {
  emptyEvent,
  emptyLink,
  emptySpan,
  kindOf,
  type ReceivedEvent,
  type ReceivedLink,
  type ReceivedSpan,
  statusCodeOf,
} from './received-span.ts';

const varint = (field: number) => field << 3;
const fixed64 = (field: number) => (field << 3) | 1;
const message = (field: number) => (field << 3) | 2;
const fixed32 = (field: number) => (field << 3) | 5;

interface Decoding {
  reader: ProtobufReader;
  budget: ElementBudget;
  spans: ReceivedSpan[];
}

type OnField = (tag: number) => boolean;

export function decodeProtobufTraces(body: Uint8Array): ReceivedSpan[] {
  const decoding: Decoding = { reader: new ProtobufReader(body), budget: new ElementBudget(), spans: [] };
  fields(decoding, (tag) => {
    if (tag !== message(1)) return false;
    resourceSpans(decoding);
    return true;
  });
  return decoding.spans;
}

/** Reads fields up to the limit; those that `onField` does not know are skipped, as protobuf asks. */
function fields(decoding: Decoding, onField: OnField): void {
  const { reader } = decoding;
  while (reader.more()) {
    const tag = reader.tag();
    if (!onField(tag)) reader.skip(tag);
  }
}

function nested(decoding: Decoding, onField: OnField): void {
  const outer = decoding.reader.enter();
  fields(decoding, onField);
  decoding.reader.leave(outer);
}

// Fields may come in any order, so the resource and the scope are objects that spans share and that fill up.
function resourceSpans(decoding: Decoding): void {
  const resource: Record<string, unknown> = {};
  nested(decoding, (tag) => {
    if (tag === message(1)) nested(decoding, (tag) => tag === message(1) && keyValue(decoding, resource, 0));
    else if (tag === message(2)) scopeSpans(decoding, resource);
    else return false;
    return true;
  });
}

function scopeSpans(decoding: Decoding, resource: Record<string, unknown>): void {
  const { reader } = decoding;
  const scope = { name: '', version: '' };
  nested(decoding, (tag) => {
    if (tag === message(1)) {
      nested(decoding, (tag) => {
        if (tag === message(1)) scope.name = reader.string();
        else if (tag === message(2)) scope.version = reader.string();
        else return false;
        return true;
      });
    } else if (tag === message(2)) {
      decoding.budget.take();
      const span = emptySpan(resource, scope);
      nested(decoding, (tag) => spanField(decoding, span, tag));
      requireIds(span);
      decoding.spans.push(span);
    } else return false;
    return true;
  });
}

function spanField(decoding: Decoding, span: ReceivedSpan, tag: number): boolean {
  const { reader } = decoding;
  if (tag === message(1)) span.traceId = idOf(reader.hex(), 32, 'traceId');
  else if (tag === message(2)) span.spanId = idOf(reader.hex(), 16, 'spanId');
  else if (tag === message(3)) span.traceState = reader.string();
  else if (tag === message(4)) span.parentSpanId = idOf(reader.hex(), 16, 'parentSpanId') || undefined;
  else if (tag === message(5)) span.name = reader.string();
  else if (tag === varint(6)) span.kind = kindOf(reader.uint32());
  else if (tag === fixed64(7)) span.startTimeUnixNano = reader.fixed64();
  else if (tag === fixed64(8)) span.endTimeUnixNano = reader.fixed64();
  else if (tag === message(9)) keyValue(decoding, span.attributes, 0);
  else if (tag === varint(10)) span.droppedAttributesCount = reader.uint32();
  else if (tag === message(11)) span.events.push(event(decoding));
  else if (tag === varint(12)) span.droppedEventsCount = reader.uint32();
  else if (tag === message(13)) span.links.push(link(decoding));
  else if (tag === varint(14)) span.droppedLinksCount = reader.uint32();
  else if (tag === message(15)) {
    nested(decoding, (tag) => {
      if (tag === message(2)) span.status.message = reader.string();
      else if (tag === varint(3)) span.status.code = statusCodeOf(reader.uint32());
      else return false;
      return true;
    });
  } else if (tag === fixed32(16)) span.flags = reader.fixed32();
  else return false;
  return true;
}

function event(decoding: Decoding): ReceivedEvent {
  const { reader } = decoding;
  decoding.budget.take();
  const event = emptyEvent();
  nested(decoding, (tag) => {
    if (tag === fixed64(1)) event.timeUnixNano = reader.fixed64();
    else if (tag === message(2)) event.name = reader.string();
    else if (tag === message(3)) keyValue(decoding, event.attributes, 0);
    else if (tag === varint(4)) event.droppedAttributesCount = reader.uint32();
    else return false;
    return true;
  });
  return event;
}

function link(decoding: Decoding): ReceivedLink {
  const { reader } = decoding;
  decoding.budget.take();
  const link = emptyLink();
  nested(decoding, (tag) => {
    if (tag === message(1)) link.traceId = idOf(reader.hex(), 32, 'link traceId');
    else if (tag === message(2)) link.spanId = idOf(reader.hex(), 16, 'link spanId');
    else if (tag === message(3)) link.traceState = reader.string();
    else if (tag === message(4)) keyValue(decoding, link.attributes, 0);
    else if (tag === varint(5)) link.droppedAttributesCount = reader.uint32();
    else if (tag === fixed32(6)) link.flags = reader.fixed32();
    else return false;
    return true;
  });
  return link;
}

function keyValue(decoding: Decoding, into: Record<string, unknown>, depth: number): true {
  decoding.budget.take();
  let key = '';
  let value: unknown = null;
  nested(decoding, (tag) => {
    if (tag === message(1)) key = decoding.reader.string();
    else if (tag === message(2)) value = anyValue(decoding, depth);
    else return false;
    return true;
  });
  setOwn(into, key, value);
  return true;
}

function anyValue(decoding: Decoding, depth: number): unknown {
  const { reader } = decoding;
  checkDepth(depth);
  let value: unknown = null;
  nested(decoding, (tag) => {
    if (tag === message(1)) value = reader.string();
    else if (tag === varint(2)) value = reader.uint32() !== 0;
    else if (tag === varint(3)) value = integerOf(reader.int64());
    else if (tag === fixed64(4)) value = reader.double();
    else if (tag === message(5)) {
      const items: unknown[] = [];
      nested(decoding, (tag) => {
        if (tag !== message(1)) return false;
        decoding.budget.take();
        items.push(anyValue(decoding, depth + 1));
        return true;
      });
      value = items;
    } else if (tag === message(6)) {
      const bag: Record<string, unknown> = {};
      nested(decoding, (tag) => tag === message(1) && keyValue(decoding, bag, depth + 1));
      value = bag;
    } else if (tag === message(7)) value = reader.bytes();
    else return false;
    return true;
  });
  return value;
}
