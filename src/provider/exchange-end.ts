// Owns who ended an HTTP exchange early, which neither Node's error codes nor the instrumentation tell apart.
import { errorMonitor } from 'node:events';
import type { ClientRequest, IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { type Span, SpanStatusCode } from '@opentelemetry/api';

/**
 * True when the client had gone before the response was finished. When the server gave up, by whatever call or timeout,
 * the socket has neither seen the client's end nor an error that the server did not put there.
 */
export function clientLeft(request: IncomingMessage, response: ServerResponse): boolean {
  const { socket } = request;
  return peerEnded(socket) || (socket.errored !== response.errored && isReset(socket.errored));
}

/** What an error of the instrumentation's stands for: a deadline of the app's, or a call that the app took back. */
const causes = new WeakMap<Span, 'TimeoutError' | 'AbortError'>();

export function endCause(span: Span): 'TimeoutError' | 'AbortError' | undefined {
  return causes.get(span);
}

/** To be called before the instrumentation's own listeners, which end the span. */
export function watchEnd(span: Span, request: ClientRequest): void {
  request.on('timeout', noteTimeout);
  request.on(errorMonitor, (error) => safely(() => noteEndCause(span, request, error)));
  request.on('close', () => safely(() => markBrokenOff(span, request)));
}

/**
 * Takes down why a client request failed, from the error itself: `AbortSignal.timeout` surfaces as an AbortError with a
 * cause, and a bare `destroy()` as the same ECONNRESET that a dying server leaves.
 */
function noteEndCause(span: Span, request: ClientRequest, error: unknown): void {
  const { name, code, cause } = (error ?? {}) as { name?: unknown; code?: unknown; cause?: { name?: unknown } };
  if (name === 'AbortError') causes.set(span, cause?.name === 'TimeoutError' ? 'TimeoutError' : 'AbortError');
  else if (code === 'ECONNRESET' && calledOff(request)) causes.set(span, 'AbortError');
}

/**
 * Marks a call whose answer broke off without an error on the request itself, for which the instrumentation ends the span
 * as if all were well.
 */
function markBrokenOff(span: Span, request: ClientRequest): void {
  const { res: response } = request as { res?: IncomingMessage };
  if (!response || response.complete || !span.isRecording() || calledOff(request)) return;
  span.setAttribute('error.type', 'ECONNRESET');
  span.setStatus({ code: SpanStatusCode.ERROR, message: 'the connection ended amid the response' });
}

/** These are listeners of the app's own request: what they throw, the app would have thrown. */
function safely(look: () => void): void {
  try {
    look();
  } catch {
    // An error with a getter that throws, say; the span then tells what the instrumentation told.
  }
}

const timedOut = new WeakSet<ClientRequest>();

/** Takes down that a request was idle for too long: a `destroy()` after that is a deadline, not a change of mind. */
function noteTimeout(this: ClientRequest): void {
  timedOut.add(this);
}

function calledOff(request: ClientRequest): boolean {
  const { socket } = request;
  if (!request.destroyed || timedOut.has(request)) return false;
  // It had no connection yet; where an agent gets none, it is not the request that is destroyed.
  if (socket === null) return true;
  return socket.errored === null && !peerEnded(socket);
}

/** `readableEnded` comes only after everything was read, which nobody may do. */
function peerEnded(socket: Socket): boolean {
  const state = (socket as { _readableState?: { ended?: boolean } })._readableState;
  return state?.ended === true || socket.readableEnded;
}

function isReset(error: NodeJS.ErrnoException | null): boolean {
  const code = error?.code;
  return typeof code === 'string' && (code === 'ECONNRESET' || code === 'EPIPE' || code.startsWith('HPE_'));
}
