// Owns the X-Ray trace header, the one carrier of context that AWS takes across a queue without an attribute slot:
// `Root=1-<8 hex>-<24 hex>;Parent=<16 hex>;Sampled=<0|1>`. Ids and the sampled flag survive, the tracestate does not. What
// keeptrace writes has one field more, `Keeptrace=<16 hex>-<0|1>`: AWS lets an application add its own, and hands them on.
import { isSpanContextValid, type SpanContext, TraceFlags } from '@opentelemetry/api';

/** The shortest limit of those who take such a header (`traceHeader` of Step Functions; EventBridge takes 500). */
const longest = 256;
/** Nothing that AWS makes is longer; more is not looked at. */
const readable = 2_048;
const ours = /^(root|parent|sampled|keeptrace)$/i;

/**
 * The header for `context`, or '' for one that is not valid. Fields of `carryOver` other than those of ours are kept,
 * as far as 256 characters take them: without `Lineage`, Lambda no longer sees that a function calls itself.
 */
export function toXRayHeader(context: SpanContext, carryOver?: string): string {
  if (!isSpanContextValid(context)) return '';
  const { traceId, spanId, traceFlags } = context;
  const sampled = (traceFlags & TraceFlags.SAMPLED) === 0 ? 0 : 1;
  let header = `Root=1-${traceId.slice(0, 8)}-${traceId.slice(8)};Parent=${spanId};Sampled=${sampled}`;
  header += `;Keeptrace=${spanId}-${sampled}`;
  if (typeof carryOver !== 'string' || carryOver.length > readable) return header;
  for (const part of carryOver.split(';')) {
    const field = part.trim();
    const name = field.slice(0, Math.max(0, field.indexOf('='))).trim();
    if (name === '' || ours.test(name) || !/^[\x21-\x7e]+$/.test(field)) continue;
    if (header.length + 1 + field.length <= longest) header += `;${field}`;
  }
  return header;
}

/** The context a header names, as a remote one; undefined where it is no such header or has no parent. Never throws. */
export function fromXRayHeader(header: string | undefined): SpanContext | undefined {
  const parent = /^[0-9a-f]{16}$/i.exec(field(header, 'parent') ?? '')?.[0];
  // `?` asks whoever comes next to decide, which is what an unset flag does as well.
  return contextOf(header, parent, field(header, 'sampled'));
}

/**
 * The span that keeptrace wrote a header for; undefined where somebody else wrote it. A service in between may have put a
 * `Parent` and a `Sampled` of its own beside it, which are of no tracing that anybody here can see.
 */
export function ownXRayContext(header: string | undefined): SpanContext | undefined {
  const mark = /^([0-9a-f]{16})-([01])$/i.exec(field(header, 'keeptrace') ?? '');
  return contextOf(header, mark?.[1], mark?.[2]);
}

function contextOf(header: string | undefined, spanId: string | undefined, sampled: string | undefined) {
  const root = /^1-([0-9a-f]{8})-([0-9a-f]{24})$/i.exec(field(header, 'root') ?? '');
  if (root === null || spanId === undefined) return undefined;
  const context: SpanContext = {
    traceId: `${root[1]}${root[2]}`.toLowerCase(),
    spanId: spanId.toLowerCase(),
    traceFlags: sampled === '1' ? TraceFlags.SAMPLED : TraceFlags.NONE,
    isRemote: true,
  };
  return isSpanContextValid(context) ? context : undefined;
}

/** The first one counts. */
function field(header: string | undefined, name: string): string | undefined {
  if (typeof header !== 'string' || header.length > readable) return undefined;
  for (const part of header.split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim().toLowerCase() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}
