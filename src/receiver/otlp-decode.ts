// From the body of a POST /v1/traces to spans. Any input ends in spans or in an OtlpDecodeError, in bounded time.
import { decodeJsonTraces } from './otlp-json.ts';
import { decodeProtobufTraces } from './otlp-protobuf.ts';
import type { ReceivedSpan } from './received-span.ts';

export type OtlpEncoding = 'json' | 'protobuf';

export function decodeTraces(body: Uint8Array, encoding: OtlpEncoding): ReceivedSpan[] {
  return encoding === 'json' ? decodeJsonTraces(body) : decodeProtobufTraces(body);
}
