// Reads a request body, inflates it when compressed, and stops at the cap instead of holding more.
import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGunzip, createInflate } from 'node:zlib';

/** Bytes of one body, counted after decompression. */
export const MAX_BODY_BYTES = 20 * 1024 * 1024;

export interface BodyLimits {
  /** Bytes of a body that is sent as it is. Default `MAX_BODY_BYTES`. */
  plain?: number;
  /** Bytes of a compressed body once it is inflated: a small one can pretend to be huge. Default `MAX_BODY_BYTES`. */
  inflated?: number;
  /** Shared by the bodies that are being read. Default none. */
  budget?: BodyBudget;
}

/** An answer other than success; the message goes to the client. */
export class HttpProblem extends Error {
  status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Bytes that all bodies in the making may hold together: many slow senders must not add up. */
export class BodyBudget {
  #left: number;

  constructor(bytes: number) {
    this.#left = bytes;
  }

  take(bytes: number): boolean {
    if (bytes > this.#left) return false;
    this.#left -= bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#left += bytes;
  }
}

export function readBody(request: IncomingMessage, limits: BodyLimits = {}): Promise<Buffer> {
  const source = inflating(request);
  const { plain = MAX_BODY_BYTES, inflated = MAX_BODY_BYTES, budget } = limits;
  const maxBytes = source === request ? plain : inflated;
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const settle = (end: () => void) => {
      budget?.giveBack(size);
      size = 0;
      end();
    };
    const fail = (problem: HttpProblem) => {
      request.unpipe();
      source.removeAllListeners('data');
      if (source !== request) source.destroy();
      chunks.length = 0;
      settle(() => reject(problem));
    };
    source.on('data', (chunk: Buffer) => {
      if (size + chunk.length > maxBytes) {
        fail(new HttpProblem(413, `the body is larger than ${maxBytes} bytes after decompression`));
      } else if (budget?.take(chunk.length) === false) {
        fail(new HttpProblem(503, 'too many large bodies at once; send it again in a second'));
      } else {
        size += chunk.length;
        chunks.push(chunk);
      }
    });
    source.on('end', () => settle(() => resolve(Buffer.concat(chunks))));
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
