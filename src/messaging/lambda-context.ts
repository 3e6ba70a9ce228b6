// Owns the client context of a Lambda call, in whose `custom` part the instrumentation on the other side looks.
import { ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api';
import { headersOf } from './headers.ts';

/** What AWS takes, in base64. */
const longest = 3_583;

/** `given` with the context added; undefined where that cannot be read or gets too long. */
export function clientContext(given: unknown, span: SpanContext): string | undefined {
  if (given !== undefined && typeof given !== 'string') return undefined;
  let parsed: Record<string, unknown> = {};
  try {
    if (given) parsed = JSON.parse(Buffer.from(given, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
  const headers = Object.fromEntries(headersOf(trace.setSpanContext(ROOT_CONTEXT, span)));
  const custom = { ...(parsed.custom as object | undefined), ...headers };
  const filled = Buffer.from(JSON.stringify({ ...parsed, custom })).toString('base64');
  return filled.length <= longest ? filled : undefined;
}
