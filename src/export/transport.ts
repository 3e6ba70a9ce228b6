/** One HTTP POST with a wall-clock deadline and a bounded answer. Owns no retries and no judgement. */
import http from 'node:http';
import https from 'node:https';
import { type Cancel, later } from './clock.ts';

/** More of an answer than this is never read: an error page may have 100 MB. */
const REPLY_BYTES = 64 * 1024;
/** The verdict is in the status line; a body that drips longer than this is given up. */
const REPLY_BODY_MS = 2_000;

export interface Target {
  url: URL;
  /** An agent of ours for the URL's protocol; TLS options live in it. */
  agent: http.Agent;
  headers: Record<string, string>;
}

export interface Reply {
  status: number;
  retryAfter: string | undefined;
  location: string | undefined;
  contentType: string;
  /** At most 64 KiB; cut or empty when it was longer, late or compressed. */
  body: Buffer;
}

/** Rejects with a Node error that has a `code`; `ERR_DEADLINE` is ours for "no status line in time". */
export async function post(target: Target, body: Uint8Array, deadlineMs: number, signal: AbortSignal): Promise<Reply> {
  try {
    return await attempt(target, body, deadlineMs, signal);
  } catch (error) {
    // A kept-alive socket that the server closed just before we wrote: no failure, and nothing has been processed.
    const { code } = error as NodeJS.ErrnoException;
    const stale = (error as { reusedSocket?: boolean }).reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
    if (!stale || signal.aborted) throw error;
    return attempt(target, body, deadlineMs, signal);
  }
}

function attempt(target: Target, body: Uint8Array, deadlineMs: number, signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const { request } = target.url.protocol === 'https:' ? https : http;
    const req = request(target.url, {
      method: 'POST',
      agent: target.agent,
      headers: { ...target.headers, 'content-length': body.length },
    });
    let cancelBodyTimer: Cancel = () => {};
    const onAbort = () => req.destroy(coded('ERR_ABORTED', 'The attempt was called off'));
    // `req.setTimeout` would be an idle timer, which one byte per second defeats.
    const cancelDeadline = later(deadlineMs, () => req.destroy(coded('ERR_DEADLINE', 'No answer in time')));
    signal.addEventListener('abort', onAbort);
    const settle = () => {
      cancelDeadline();
      cancelBodyTimer();
      signal.removeEventListener('abort', onAbort);
    };

    // A script that has finished must not wait for a collector that does not answer; a flush holds it on purpose.
    req.on('socket', (socket) => socket.unref());
    req.on('error', (error: NodeJS.ErrnoException & { reusedSocket?: boolean }) => {
      settle();
      error.reusedSocket = req.reusedSocket;
      reject(error);
    });
    req.on('close', () => {
      settle();
      reject(coded('ECONNRESET', 'The connection closed without an answer'));
    });
    req.on('response', (res) => {
      const chunks: Buffer[] = [];
      let size = 0;
      let finished = false;
      const done = (complete: boolean) => {
        // `close` follows `end`; destroying then would throw away a socket that can be used again.
        if (finished) return;
        finished = true;
        settle();
        resolve({
          status: res.statusCode ?? 0,
          retryAfter: res.headers['retry-after'],
          location: res.headers.location,
          contentType: res.headers['content-type'] ?? '',
          body: res.headers['content-encoding'] ? Buffer.alloc(0) : Buffer.concat(chunks, size),
        });
        if (!complete) req.destroy();
      };
      cancelBodyTimer = later(Math.min(REPLY_BODY_MS, deadlineMs), () => done(false));
      res.on('data', (chunk: Buffer) => {
        const room = REPLY_BYTES - size;
        chunks.push(chunk.length > room ? chunk.subarray(0, room) : chunk);
        size += Math.min(chunk.length, room);
        if (size >= REPLY_BYTES) done(false);
      });
      res.on('end', () => done(true));
      res.on('error', () => done(false));
      res.on('close', () => done(false));
    });
    req.end(body);
  });
}

function coded(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
