// Writes OTLP answers in the encoding of the request: an empty success, or a google.rpc.Status with the reason.
import type { ServerResponse } from 'node:http';
import type { OtlpEncoding } from './otlp-decode.ts';

const CONTENT_TYPES: Record<OtlpEncoding, string> = { json: 'application/json', protobuf: 'application/x-protobuf' };

/** The encoding a content type stands for; undefined when it is neither of the two. */
export function encodingOf(contentType: string | undefined): OtlpEncoding | undefined {
  const type = (contentType ?? '').split(';', 1)[0]!.trim().toLowerCase();
  if (type === CONTENT_TYPES.json) return 'json';
  return type === CONTENT_TYPES.protobuf ? 'protobuf' : undefined;
}

export function answerSuccess(response: ServerResponse, encoding: OtlpEncoding): void {
  response.writeHead(200, { 'content-type': CONTENT_TYPES[encoding] });
  response.end(encoding === 'json' ? '{}' : undefined);
}

export function answerProblem(
  response: ServerResponse,
  status: number,
  message: string,
  encoding: OtlpEncoding = 'json',
): void {
  if (response.headersSent) return;
  // What is left of a refused body must not be read as the next request.
  response.writeHead(status, { 'content-type': CONTENT_TYPES[encoding], connection: 'close' });
  response.end(encoding === 'json' ? JSON.stringify({ message }) : statusMessage(message));
}

/** Status { string message = 2 }, cut so that its length fits one varint byte. */
function statusMessage(message: string): Buffer {
  const text = Buffer.from(message.slice(0, 127), 'latin1');
  return Buffer.concat([Buffer.from([0x12, text.length]), text]);
}
