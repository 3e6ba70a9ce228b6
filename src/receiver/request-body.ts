// Reads a request body, inflates it when compressed, and stops at the cap instead of holding more.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';

/** Bytes of one body, counted after decompression. */
export const MAX_BODY_BYTES = 20 * 1024 * 1024;

/** An answer other than success; the message goes to the client. */
export class HttpProblem extends Error {
  status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function readBody(request: IncomingMessage, maxBytes = MAX_BODY_BYTES): Promise<Buffer> {
  const source = inflating(request);
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const fail = (problem: HttpProblem) => {
      request.unpipe();
      if (source !== request) source.destroy();
      reject(problem);
    };
    source.on('data', (chunk: Buffer) => {
      size += chunk.length;
      if (size > maxBytes) fail(new HttpProblem(413, `the body is larger than ${maxBytes} bytes after decompression`));
      else chunks.push(chunk);
    });
    source.on('end', () => resolve(Buffer.concat(chunks)));
    source.on('error', () => fail(new HttpProblem(400, 'the body cannot be decompressed')));
    request.on('close', () => {
      if (!request.complete)
        fail(new HttpProblem(400, 'the client closed the connection before the body was complete'));
    });
  });
}

function inflating(request: IncomingMessage): Readable {
  const encoding = (request.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
  if (encoding === 'identity' || encoding === '') return request;
  if (encoding === 'gzip') return request.pipe(createGunzip());
  if (encoding === 'deflate') return request.pipe(createInflate());
  throw new HttpProblem(415, `content-encoding ${encoding} is not supported; use gzip, deflate or identity`);
}
