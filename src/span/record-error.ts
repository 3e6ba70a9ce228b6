// Owns how a thrown value looks on a span. Anything can be thrown, so every read is guarded and every text is bounded.
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { maskDbMessage } from './db-message.ts';

/** Characters kept of a message and of a stack. */
const messageLimit = 1_000;
const stackLimit = 8_000;

export interface ErrorDescription {
  /** `error.type`: a short code (`ECONNREFUSED`, `23505`), else the class name, else the JavaScript type. */
  type: string;
  message: string;
  stack: string | undefined;
}

/** Records `error` as an exception event, status ERROR and `error.type`. Never throws, whatever was thrown. */
export function recordError(span: Span, error: unknown): void {
  try {
    if (!span.isRecording()) return;
    const { type, message, stack } = describeError(error);
    span.recordException({ name: type, message, ...(stack !== undefined && { stack }) });
    span.setAttribute('error.type', type);
    span.setStatus({ code: SpanStatusCode.ERROR, message });
  } catch {
    // The span implementation itself failed; the caller's error is on its way regardless.
  }
}

/** Reads what can be read of a thrown value; never throws. */
export function describeError(error: unknown): ErrorDescription {
  if (error === null || (typeof error !== 'object' && typeof error !== 'function')) {
    return {
      type: error === null ? 'null' : typeof error,
      message: cut(safeText(error), messageLimit),
      stack: undefined,
    };
  }
  const code = read(error, 'code');
  const type =
    deadline(error) ||
    (typeof code === 'string' && /^[A-Za-z0-9_.-]{1,64}$/.test(code) && code) ||
    text(read(error, 'name'), 100) ||
    text(read(read(error, 'constructor'), 'name'), 100) ||
    'Error';
  const message = read(error, 'message');
  const stack = read(error, 'stack');
  if (isPostgresError(error, code) && typeof message === 'string') {
    const masked = maskDbMessage(message, code);
    const head = `${text(read(error, 'name'), 100) ?? 'error'}: ${cut(masked, messageLimit)}`;
    return {
      type,
      message: cut(masked, messageLimit),
      stack: typeof stack === 'string' ? cut(head + frames(stack, message), stackLimit) : undefined,
    };
  }
  return { type, message: text(message, messageLimit) ?? '', stack: text(stack, stackLimit) };
}

/** As `pg` and its kin throw what the server sent: a SQLSTATE for a code, with fields that only the server fills. */
function isPostgresError(error: unknown, code: unknown): code is string {
  if (typeof code !== 'string' || !/^[0-9A-Z]{5}$/.test(code)) return false;
  return typeof read(error, 'severity') === 'string' || typeof read(error, 'routine') === 'string';
}

/** A stack without its head, which repeats the message; one that was quoted may hold lines that look like frames. */
function frames(stack: string, message: string): string {
  const at = message === '' ? -1 : stack.indexOf(message);
  const start = stack.indexOf('\n    at ', at < 0 ? 0 : at + message.length);
  return start < 0 ? '' : stack.slice(start);
}

/** Node reports a passed `AbortSignal.timeout` as an AbortError, like a call that was taken back. */
function deadline(error: unknown): string | undefined {
  if (read(error, 'name') !== 'AbortError') return undefined;
  return read(read(error, 'cause'), 'name') === 'TimeoutError' ? 'TimeoutError' : undefined;
}

function read(target: unknown, key: string): unknown {
  try {
    return (target as Record<string, unknown> | undefined)?.[key];
  } catch {
    return undefined;
  }
}

function text(value: unknown, limit: number): string | undefined {
  return typeof value === 'string' && value !== '' ? cut(value, limit) : undefined;
}

function cut(value: string, limit: number): string {
  return value.length > limit ? `${value.slice(0, limit)}…` : value;
}

function safeText(value: unknown): string {
  try {
    return String(value);
  } catch {
    return typeof value;
  }
}
