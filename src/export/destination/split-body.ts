// Halves an encoded OTLP request by its spans, whose objects are long gone. Owns no limits and no decisions.
import { isGzip, squeeze, unsqueeze } from './packing.ts';

export interface BodyPart {
  bytes: Uint8Array;
  spanCount: number;
}

/**
 * Two requests with the first and the second half of the spans, packed as `body` is. A resource and a scope with spans in
 * both halves are repeated, and so is every field that is not known here. Returns undefined for a single span and for what
 * cannot be taken apart. Never throws.
 */
export function splitBody(body: Uint8Array, encoding: 'json' | 'protobuf'): [BodyPart, BodyPart] | undefined {
  try {
    const gzipped = isGzip(body);
    const plain = gzipped ? unsqueeze(body) : body;
    const request = encoding === 'json' ? readJson(plain) : readMessage(plain, 0);
    if (request.spanCount < 2) return undefined;
    const middle = request.spanCount >> 1;
    const part = (from: number, to: number): BodyPart => {
      const bytes = request.write(from, to);
      return { bytes: gzipped ? squeeze(bytes) : bytes, spanCount: to - from };
    };
    return [part(0, middle), part(middle, request.spanCount)];
  } catch {
    return undefined;
  }
}

interface Divisible {
  spanCount: number;
  /** The spans `from` (included) to `to` (excluded), with all that is around them. */
  write(from: number, to: number): Uint8Array;
}

/** Field 1 of the request is ResourceSpans, field 2 of that ScopeSpans, field 2 of that Span: tags of kind "bytes". */
const CHILD_TAGS = [0x0a, 0x12, 0x12] as const;
const SPAN_LEVEL = 2;

/** Protobuf wire format (https://protobuf.dev/programming-guides/encoding/): what is not a way to spans is left as it is. */
function readMessage(bytes: Uint8Array, level: number): Divisible {
  const pieces: (Uint8Array | Divisible)[] = [];
  let spanCount = 0;
  for (let at = 0; at < bytes.length; ) {
    const { tag, contentAt, end } = readField(bytes, at);
    if (tag !== CHILD_TAGS[level]) pieces.push(bytes.subarray(at, end));
    else {
      const field = bytes.subarray(at, end);
      const child =
        level === SPAN_LEVEL
          ? { spanCount: 1, write: () => field }
          : prefixed(tag, readMessage(bytes.subarray(contentAt, end), level + 1));
      spanCount += child.spanCount;
      pieces.push(child);
    }
    at = end;
  }
  return {
    spanCount,
    write: (from, to) => {
      const chosen: Uint8Array[] = [];
      let first = 0;
      for (const piece of pieces) {
        if (piece instanceof Uint8Array) {
          chosen.push(piece);
          continue;
        }
        const start = Math.max(from - first, 0);
        const stop = Math.min(to - first, piece.spanCount);
        if (start < stop) chosen.push(piece.write(start, stop));
        first += piece.spanCount;
      }
      return Buffer.concat(chosen);
    },
  };
}

function prefixed(tag: number, message: Divisible): Divisible {
  return {
    spanCount: message.spanCount,
    write: (from, to) => {
      const content = message.write(from, to);
      return Buffer.concat([Buffer.from([tag, ...varint(content.length)]), content]);
    },
  };
}

/** @throws RangeError when the field does not end within `bytes` or is of no kind that OTLP has */
function readField(bytes: Uint8Array, at: number): { tag: number; contentAt: number; end: number } {
  const [tag, afterTag] = readVarint(bytes, at);
  let contentAt = afterTag;
  let end: number;
  const wireType = tag & 7;
  if (wireType === 0) [, end] = readVarint(bytes, afterTag);
  else if (wireType === 1) end = afterTag + 8;
  else if (wireType === 5) end = afterTag + 4;
  else if (wireType === 2) {
    const [length, afterLength] = readVarint(bytes, afterTag);
    contentAt = afterLength;
    end = afterLength + length;
  } else throw new RangeError(`Wire type ${wireType}`);
  if (end > bytes.length) throw new RangeError('The message ends early');
  return { tag, contentAt, end };
}

/** Value and position behind it. Values that matter here are lengths and tags, far below 2^53. */
function readVarint(bytes: Uint8Array, at: number): [value: number, end: number] {
  let value = 0;
  for (let i = 0; i < 10; i++) {
    const byte = bytes[at + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if (byte < 0x80) return [value, at + i + 1];
  }
  throw new RangeError('A varint does not end');
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
  return [...bytes, rest];
}

interface JsonRequest {
  resourceSpans: { scopeSpans: { spans: unknown[] }[] }[];
}

function readJson(bytes: Uint8Array): Divisible {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
  const request = JSON.parse(text) as JsonRequest;
  let spanCount = 0;
  for (const { scopeSpans } of request.resourceSpans) for (const { spans } of scopeSpans) spanCount += spans.length;
  return {
    spanCount,
    write: (from, to) => {
      let at = 0;
      const resourceSpans = request.resourceSpans.map((resource) => ({
        ...resource,
        scopeSpans: resource.scopeSpans
          .map((scope) => {
            const spans = scope.spans.slice(Math.max(from - at, 0), Math.max(to - at, 0));
            at += scope.spans.length;
            return { ...scope, spans };
          })
          .filter(({ spans }) => spans.length > 0),
      }));
      const chosen = resourceSpans.filter(({ scopeSpans }) => scopeSpans.length > 0);
      return Buffer.from(JSON.stringify({ ...request, resourceSpans: chosen }));
    },
  };
}
