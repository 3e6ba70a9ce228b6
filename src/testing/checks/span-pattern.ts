// What a test says about one span, and what of it a given span does not fulfil.
import { types } from 'node:util';
import { editDistance } from '../../config/nearest.ts';
import { KINDS, type ReceivedKind, type ReceivedStatusCode, STATUS_CODES } from '../../receiver/received-span.ts';
import { spanLabel, type TestSpan } from '../test-span.ts';
import { isAsymmetric, matchesText, matchesValue, show, type TextPattern } from './value-match.ts';

/** Everything that is given has to fit; `{}` fits every span. */
export interface SpanPattern {
  name?: TextPattern;
  kind?: ReceivedKind;
  /** Values are compared deeply; a pattern fits a text; `expect.any(Number)` and the like of the runner work; undefined: not there. */
  attributes?: Record<string, unknown>;
  status?: ReceivedStatusCode;
  /** The status message. */
  message?: TextPattern;
  /** The name of its parent, or null for a span without one. */
  parent?: TextPattern | null;
  /** The name of its service. */
  service?: TextPattern;
  /** The name of an event that it has; `exception` for a recorded error. */
  event?: TextPattern;
}

export type SpanWanted = TextPattern | SpanPattern;

/** One thing that was asked for and is not so. */
export interface Mismatch {
  field: string;
  wanted: string;
  found: string;
}

export function patternOf(wanted: SpanWanted): SpanPattern {
  if (isAsymmetric(wanted)) return { name: wanted as unknown as TextPattern };
  return typeof wanted === 'string' || types.isRegExp(wanted) ? { name: wanted } : wanted;
}

const FIELDS = ['name', 'kind', 'attributes', 'status', 'message', 'parent', 'service', 'event'];

/** @throws TypeError for what would fit every span, or none, by a typing error */
export function checkWanted(wanted: SpanWanted): void {
  const refuse = (what: unknown, is: string, known: readonly string[]): never => {
    throw new TypeError(`${String(what)} is ${is}: ${known.join(', ')}.`);
  };
  const NOTHING = 'nothing that can be wanted of a span, unlike a name, a pattern, or an object of';
  const pattern = patternOf(wanted);
  if (typeof pattern !== 'object' || pattern === null) refuse(pattern, NOTHING, FIELDS);
  for (const key of Object.keys(pattern)) if (!FIELDS.includes(key)) refuse(key, NOTHING, FIELDS);
  const { kind, status } = pattern;
  if (kind !== undefined && !KINDS.includes(kind)) refuse(show(kind), 'no kind; there are', KINDS);
  if (status !== undefined && !STATUS_CODES.includes(status))
    refuse(show(status), 'no status; there are', STATUS_CODES);
}

export function patternText(wanted: SpanWanted): string {
  const { name, kind, attributes = {}, parent, ...rest } = patternOf(wanted);
  const words = [kind ?? 'span'];
  if (name !== undefined) words.push(show(name));
  for (const [key, value] of Object.entries(rest)) words.push(`${key}=${show(value)}`);
  for (const [key, value] of Object.entries(attributes)) words.push(`${key}=${show(value)}`);
  if (parent === null) words.push('without a parent');
  else if (parent !== undefined) words.push(`under ${show(parent)}`);
  return words.join(' ');
}

export function mismatches(span: TestSpan, wanted: SpanWanted, spans: readonly TestSpan[]): Mismatch[] {
  const pattern = patternOf(wanted);
  const list: Mismatch[] = [];
  // Such as `expect.objectContaining()` with more than this knows of.
  if (isAsymmetric(wanted) && wanted.asymmetricMatch(span)) return list;
  const check = (field: string, value: unknown, fits: boolean, is: string) => {
    if (!fits) list.push({ field, wanted: show(value), found: is });
  };
  const text = (field: string, value: TextPattern | undefined, is: string) => {
    if (value !== undefined) check(field, value, matchesText(value, is), show(is));
  };
  text('name', pattern.name, span.name);
  if (pattern.kind !== undefined) check('kind', pattern.kind, pattern.kind === span.kind, show(span.kind));
  if (pattern.status !== undefined) {
    check('status', pattern.status, pattern.status === span.status.code, show(span.status.code));
  }
  text('message', pattern.message, span.status.message);
  text('service', pattern.service, String(span.resource['service.name'] ?? ''));
  for (const [key, value] of Object.entries(pattern.attributes ?? {})) {
    const is = span.attributes[key];
    check(key, value, matchesValue(value, is), is === undefined ? 'nothing' : show(is));
  }
  const { event, parent } = pattern;
  if (event !== undefined) {
    const names = span.events.map(({ name }) => name);
    check(
      'event',
      event,
      names.some((name) => matchesText(event, name)),
      names.map(show).join(', ') || 'none',
    );
  }
  if (parent !== undefined) {
    const above = spans.find(({ traceId, spanId }) => traceId === span.traceId && spanId === span.parentSpanId);
    const fits =
      parent === null ? span.parentSpanId === undefined : above !== undefined && matchesText(parent, above.name);
    check('parent', parent, fits, parentText(span, above));
  }
  return list;
}

function parentText(span: TestSpan, above: TestSpan | undefined): string {
  if (above !== undefined) return spanLabel(above);
  return span.parentSpanId === undefined ? 'none' : 'a span that is not here';
}

/** The span that has most of what is wanted; of two, the one whose name is closer. */
export function nearestSpan(spans: readonly TestSpan[], wanted: SpanWanted): TestSpan | undefined {
  const { name } = patternOf(wanted);
  let best: TestSpan | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const span of spans) {
    const distance = mismatches(span, wanted, spans).length + (typeof name === 'string' ? far(name, span.name) : 0);
    if (distance < least) {
      least = distance;
      best = span;
    }
  }
  return best;
}

/** 0 for the same text, towards 2 for an altogether different one: a name counts for more than an attribute. */
function far(a: string, b: string): number {
  const [left, right] = [a.slice(0, 200), b.slice(0, 200)];
  return (2 * editDistance(left, right)) / Math.max(1, left.length, right.length);
}
