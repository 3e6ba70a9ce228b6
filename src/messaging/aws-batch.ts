// Owns a request with several messages: each is given a context of its own, and the answer tells what became of each.
import { type Context, type Span, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { AwsCall, Prepared, SendChoice } from './aws-call.ts';
import { messageCall } from './aws-names.ts';
import { baggageFor } from './baggage-choice.ts';
import { endCreateSpans, type MessageOutcome, startCreateSpans } from './create-spans.ts';
import { linkCreated } from './created-context.ts';
import { type ContextCarrier, type Sending, sendingOf } from './message-context.ts';
import { setKind } from './span-kind.ts';
import { withFields } from './with-fields.ts';

type Entry = Readonly<Record<string, unknown>>;
type Fill = (entry: Entry, span: ReturnType<Span['spanContext']>, sending: Sending) => [object, ContextCarrier];

/**
 * @param field of the input that holds the messages
 * @param fill what of a message has to be replaced
 */
export function prepareBatch(field: string, fill: Fill) {
  return (call: AwsCall, span: Span, ambient: Context, options: SendChoice): Prepared => {
    const { service, command, input } = call;
    const entries: unknown = input[field];
    // What AWS is going to refuse is left for it to refuse.
    if (!Array.isArray(entries) || !entries.every(isEntry)) return { fields: {} };
    const sending = sendingOf(ambient, baggageFor(options.baggage, call), entries);
    const { destination = {} } = messageCall(service, command, input) ?? {};
    const own = options.messageSpans && entries.length > 1;
    const spans = own ? startCreateSpans(entries.length, span, ambient, destination) : [];
    // Messages have the context of their own spans, and then that of the request is the one of a call.
    setKind(span, own ? SpanKind.CLIENT : SpanKind.PRODUCER);
    const carriers = new Set<ContextCarrier>();
    const copies = entries.map((entry, index) => {
      const own = spans[index] ?? span;
      const [copy, carrier] = filled(entry, span, () => fill(entry, own.spanContext(), sending));
      if (own !== span) own.setAttribute('messaging.context.carrier', carrier);
      carriers.add(carrier);
      return copy;
    });
    span.setAttribute('messaging.batch.message_count', entries.length);
    const [first = 'none'] = carriers;
    return {
      fields: { [field]: copies },
      carrier: carriers.size > 1 ? 'mixed' : first,
      settle: (output, error) => settle(span, spans, entries, output, error),
    };
  };
}

/** A message that cannot be read goes as it is, and the others have their context. */
function filled(entry: Entry, send: Span, fill: () => ReturnType<Fill>): [Entry, ContextCarrier] {
  try {
    const [fields, carrier] = fill();
    linkCreated(send, entry.MessageAttributes);
    return [withFields(entry, { ...fields }), carrier];
  } catch {
    return [entry, 'none'];
  }
}

/** A batch in which some messages were refused has not failed; the messages have, and are named. */
function settle(span: Span, spans: Span[], entries: readonly Entry[], output: unknown, error?: string): void {
  const outcomes = error === undefined ? outcomesOf(entries, output) : [];
  endCreateSpans(spans, outcomes, error);
  const failed = outcomes.flatMap((outcome, index) => (outcome.error === undefined ? [] : [index]));
  if (failed.length === 0) return;
  span.setAttribute('messaging.batch.failed_count', failed.length);
  span.setAttribute(
    'messaging.batch.failed_ids',
    failed.map((index) => String(entries[index]?.Id ?? index)),
  );
  if (failed.length < entries.length) return;
  span.setAttribute('error.type', outcomes[0]?.error ?? '_OTHER');
  span.setStatus({ code: SpanStatusCode.ERROR });
}

interface BatchAnswer {
  Successful?: { Id?: string; MessageId?: string }[];
  Failed?: { Id?: string; Code?: string }[];
  /** Of EventBridge, in the order of the request. */
  Entries?: { EventId?: string; ErrorCode?: string }[];
}

function outcomesOf(entries: readonly Entry[], output: unknown): MessageOutcome[] {
  const { Successful, Failed, Entries } = (output ?? {}) as BatchAnswer;
  if (Array.isArray(Entries)) {
    return Entries.map((entry) => ({ messageId: entry?.EventId, error: entry?.ErrorCode }));
  }
  const sent = new Map(Successful?.map((one) => [one?.Id, one?.MessageId]));
  const refused = new Map(Failed?.map((one) => [one?.Id, one?.Code ?? '_OTHER']));
  return entries.map(({ Id }) => ({ messageId: sent.get(Id as string), error: refused.get(Id as string) }));
}

function isEntry(entry: unknown): entry is Entry {
  return typeof entry === 'object' && entry !== null;
}
