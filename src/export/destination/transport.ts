// One HTTP POST with a wall-clock deadline and a bounded answer. Owns no retries and no judgement.
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import { type Cancel, later, now } from '../clock.ts';
import type { TlsFiles } from './tls-files.ts';

// Taken when loaded: what an app or a test does to them later does not concern the export.
const { request: plainRequest } = http;
const { request: secureRequest } = https;

/** More of an answer than this is never read: an error page may have 100 MB. */
const REPLY_BYTES = 64 * 1024;
/** Of one that is no success only its first words are told. What else is read of it is let go at once. */
const SAID_BYTES = 1_024;
/** The verdict is in the status line; a body that drips longer than this is given up, or it would hold a flush batch by batch. */
const REPLY_BODY_MS = 500;

export interface Target {
  url: URL;
  /** An agent of ours for the URL's protocol. */
  agent: http.Agent;
  headers: Record<string, string>;
  /** Milliseconds for the TCP connection, within the deadline of the attempt. */
  connectMs: number;
  /** Not the agent's, so that they can change. */
  tls: TlsFiles;
  lookup?: LookupFunction | undefined;
}

export interface Reply {
  status: number;
  retryAfter: string | undefined;
  location: string | undefined;
  /** In lower case. */
  contentType: string;
  /** At most 64 KiB, of a refusal 1 KiB; cut or empty when it was longer, late or compressed. */
  body: Buffer;
}

export interface Answer extends Reply {
  /** The system has all of the request, whose bytes nothing here refers to any more. An early answer may come before that. */
  sent: boolean;
}

/**
 * Rejects with a Node error that has a `code`; `ERR_DEADLINE` is ours for "no status line in time".
 *
 * @param onHead told the answer when there is nothing of its body yet
 */
export async function post(
  target: Target,
  body: Uint8Array,
  deadlineMs: number,
  signal: AbortSignal,
  onHead?: (head: Reply) => void,
): Promise<Answer> {
  try {
    return await attempt(target, body, deadlineMs, signal, onHead);
  } catch (error) {
    // A kept-alive socket that the server closed just before we wrote: no failure, and nothing has been processed.
    const { code } = error as NodeJS.ErrnoException;
    const stale = (error as { reusedSocket?: boolean }).reusedSocket && (code === 'ECONNRESET' || code === 'EPIPE');
    if (!stale || signal.aborted) throw error;
    return attempt(target, body, deadlineMs, signal, onHead);
  }
}

function attempt(...[target, body, deadlineMs, signal, onHead]: Parameters<typeof post>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const startedAt = now();
    const request = target.url.protocol === 'https:' ? secureRequest : plainRequest;
    const req = request(target.url, {
      method: 'POST',
      agent: target.agent,
      ...target.tls,
      ...(target.lookup && { lookup: target.lookup }),
      headers: { ...target.headers, 'content-length': body.length },
    });
    const onAbort = () => req.destroy(coded('ERR_ABORTED', 'The attempt was called off'));
    // `req.setTimeout` would be an idle timer, which one byte per second defeats.
    let cancelTimer = later(deadlineMs, () => req.destroy(coded('ERR_DEADLINE', 'No answer in time')));
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    let settled = false;
    const settle = (how: () => void) => {
      if (settled) return;
      settled = true;
      cancelTimer();
      signal.removeEventListener('abort', onAbort);
      how();
    };
    const fail = (error: Error) => settle(() => reject(Object.assign(error, { reusedSocket: req.reusedSocket })));

    req.on('socket', (socket) => {
      // A script that has finished must not wait for a collector that does not answer; a flush holds it on purpose.
      socket.unref();
      if (!socket.connecting) return;
      const cancel = later(target.connectMs, () => req.destroy(coded('ETIMEDOUT', 'No connection in time')));
      socket.once('connect', cancel);
      socket.once('close', cancel);
    });
    req.on('error', fail);
    const onClose = () => fail(coded('ECONNRESET', 'The connection closed without an answer'));
    req.on('close', onClose);
    req.on('response', (response) => {
      // The verdict is in: from here on nothing is a failure any more. A cut body closes the request before the answer.
      req.off('error', fail);
      req.off('close', onClose);
      req.on('error', () => {});
      cancelTimer();
      onHead?.(replyOf(response, Buffer.alloc(0)));
      const left = Math.max(0, deadlineMs - (now() - startedAt));
      cancelTimer = readReply(response, Math.min(REPLY_BODY_MS, left), (reply, complete) => {
        settle(() => resolve({ ...reply, sent: req.writableFinished }));
        if (!complete) req.destroy();
      });
    });
    req.end(body);
  });
}

/** Calls `done` once: at the end of the body, at 64 KiB, or after `ms`. Returns a function that cancels the timer. */
function readReply(response: IncomingMessage, ms: number, done: (reply: Reply, complete: boolean) => void): Cancel {
  const { statusCode = 0, headers } = response;
  const plain = /^(identity)?$/i.test(headers['content-encoding'] ?? '');
  let room = !plain ? 0 : statusCode < 300 ? REPLY_BYTES : SAID_BYTES;
  const chunks: Buffer[] = [];
  let size = 0;
  let finished = false;
  const finish = (complete: boolean) => {
    // `close` follows `end`; destroying then would throw away a socket that can be used again.
    if (finished) return;
    finished = true;
    done(replyOf(response, Buffer.concat(chunks)), complete);
  };
  response.on('data', (chunk: Buffer) => {
    if (room > 0) {
      // A window on the chunk would hold all of it.
      const piece = chunk.length > room ? Buffer.from(chunk.subarray(0, room)) : chunk;
      chunks.push(piece);
      room -= piece.length;
    }
    size += chunk.length;
    if (size >= REPLY_BYTES) finish(false);
  });
  response.on('end', () => finish(true));
  response.on('error', () => finish(false));
  response.on('close', () => finish(false));
  return later(ms, () => finish(false));
}

function replyOf({ statusCode = 0, headers }: IncomingMessage, body: Buffer): Reply {
  const contentType = (headers['content-type'] ?? '').toLowerCase();
  return { status: statusCode, retryAfter: headers['retry-after'], location: headers.location, contentType, body };
}

function coded(code: string, message: string): NodeJS.ErrnoException {
  return Object.assign(new Error(message), { code });
}
