// Reads the protobuf wire format (https://protobuf.dev/programming-guides/encoding/), bounds-checked at every step.
import { OtlpDecodeError } from './decode-rules.ts';

const VARINT = 0;
const FIXED64 = 1;
const BYTES = 2;
const FIXED32 = 5;

/**
 * A cursor with a limit. Every read either moves the cursor forward inside the limit or throws, so a loop
 * `while (reader.more()) …` ends on any input.
 */
export class ProtobufReader {
  #bytes: Buffer;
  #pos = 0;
  #end: number;

  constructor(body: Uint8Array) {
    this.#bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    this.#end = body.byteLength;
  }

  more(): boolean {
    return this.#pos < this.#end;
  }

  /** Field number << 3 | wire type, so that a field of an unexpected wire type falls into `skip`. */
  tag(): number {
    const tag = this.uint32();
    if (tag >>> 3 === 0) throw new OtlpDecodeError('protobuf field number 0');
    return tag;
  }

  /** Narrows the reader to the length-delimited message ahead; returns what `leave` needs. */
  enter(): number {
    const length = this.uint32();
    const outer = this.#end;
    this.#need(length);
    this.#end = this.#pos + length;
    return outer;
  }

  leave(outer: number): void {
    this.#pos = this.#end;
    this.#end = outer;
  }

  /** A varint of which the low 32 bits count: lengths, enums, counts, booleans. */
  uint32(): number {
    let value = 0;
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = this.#byte();
      if (shift < 32) value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
    throw new OtlpDecodeError('a protobuf varint is longer than ten bytes');
  }

  int64(): bigint {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte();
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new OtlpDecodeError('a protobuf varint is longer than ten bytes');
  }

  fixed64(): bigint {
    const at = this.#advance(8);
    return this.#bytes.readBigUInt64LE(at);
  }

  fixed32(): number {
    const at = this.#advance(4);
    return this.#bytes.readUInt32LE(at);
  }

  double(): number {
    const at = this.#advance(8);
    return this.#bytes.readDoubleLE(at);
  }

  string(): string {
    const length = this.uint32();
    const at = this.#advance(length);
    return this.#bytes.toString('utf8', at, at + length);
  }

  hex(): string {
    const length = this.uint32();
    const at = this.#advance(length);
    return this.#bytes.toString('hex', at, at + length);
  }

  /** A copy: the body is not kept alive by one small attribute. */
  bytes(): Uint8Array {
    const length = this.uint32();
    const at = this.#advance(length);
    return new Uint8Array(this.#bytes.subarray(at, at + length));
  }

  skip(tag: number): void {
    const wireType = tag & 7;
    if (wireType === VARINT) this.int64();
    else if (wireType === FIXED64) this.#advance(8);
    else if (wireType === BYTES) this.#advance(this.uint32());
    else if (wireType === FIXED32) this.#advance(4);
    else throw new OtlpDecodeError(`protobuf wire type ${wireType} is not used by OTLP`);
  }

  #byte(): number {
    return this.#bytes[this.#advance(1)]!;
  }

  #advance(length: number): number {
    this.#need(length);
    const at = this.#pos;
    this.#pos += length;
    return at;
  }

  #need(length: number): void {
    if (length > this.#end - this.#pos) {
      throw new OtlpDecodeError(`the protobuf message ends early: ${length} bytes wanted at byte ${this.#pos}`);
    }
  }
}
