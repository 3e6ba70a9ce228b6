// Owns what each AWS call that sends something is changed by: fields of its input that are replaced.
import { type Context, isSpanContextValid, propagation, type Span } from '@opentelemetry/api';
import { prepareBatch } from './aws-batch.ts';
import type { AwsCall, Prepare, Prepared, SendOptions } from './aws-call.ts';
import { baggageFor } from './baggage-choice.ts';
import { linkCreated } from './created-context.ts';
import { clientContext } from './lambda-context.ts';
import { type SqsEntry, sendingOf, snsEntry, sqsEntry } from './message-context.ts';
import { platformHeader } from './platform-header.ts';
import { receiveFields } from './receive-fields.ts';
import { sendOptions } from './send-defaults.ts';
import { toXRayHeader } from './xray-header.ts';

const publish = prepareSingle(snsEntry);

const calls: Record<string, Prepare> = {
  'SQS/SendMessage': prepareSingle(sqsEntry),
  'SQS/SendMessageBatch': prepareBatch('Entries', sqsEntry),
  'SQS/ReceiveMessage': ({ input }) => ({ fields: receiveFields(input) }),
  // An SMS takes no context anywhere.
  'SNS/Publish': (call, ...rest) => (call.input.PhoneNumber === undefined ? publish(call, ...rest) : { fields: {} }),
  'SNS/PublishBatch': prepareBatch('PublishBatchRequestEntries', snsEntry),
  'EventBridge/PutEvents': prepareBatch('Entries', (entry, span) =>
    entry.TraceHeader === undefined
      ? [{ TraceHeader: toXRayHeader(span, platformHeader()) }, 'aws_trace_header']
      : [{}, 'none'],
  ),
  'SFN/StartExecution': prepareExecution,
  'SFN/StartSyncExecution': prepareExecution,
  'Lambda/Invoke': prepareInvoke,
};

/** Whether calls of this name have a part in this, so that others need not be looked at. */
export function isPrepared(service: string, command: string): boolean {
  return Object.hasOwn(calls, `${service}/${command}`);
}

/** Undefined for a call that has no part in this. Opens the spans of a batch's messages, which `settle` ends. */
export function prepareCall(call: AwsCall, span: Span, ambient: Context, options: SendOptions): Prepared | undefined {
  const key = `${call.service}/${call.command}`;
  const prepare = Object.hasOwn(calls, key) ? calls[key] : undefined;
  if (prepare === undefined || !isSpanContextValid(span.spanContext())) return undefined;
  // Whoever has switched propagation off wants no context on the wire, under no name.
  return propagation.fields().length === 0 ? undefined : prepare(call, span, ambient, sendOptions(options));
}

function prepareSingle(fill: typeof sqsEntry): Prepare {
  return (call, span, ambient, { baggage }) => {
    const given = call.input as SqsEntry;
    const sending = sendingOf(ambient, baggageFor(baggage, call), [given]);
    const [fields, carrier] = fill(given, span.spanContext(), sending);
    linkCreated(span, given.MessageAttributes);
    return { fields: { ...fields }, carrier };
  };
}

function prepareExecution({ input }: AwsCall, span: Span): Prepared {
  if (input.traceHeader !== undefined) return { fields: {}, carrier: 'none' };
  const traceHeader = toXRayHeader(span.spanContext(), platformHeader());
  return { fields: { traceHeader }, carrier: 'aws_trace_header' };
}

/** AWS hands the client context on when the caller waits for the answer, and only then. */
function prepareInvoke({ input }: AwsCall, span: Span): Prepared {
  const waits = input.InvocationType === undefined || input.InvocationType === 'RequestResponse';
  const ClientContext = waits ? clientContext(input.ClientContext, span.spanContext()) : undefined;
  if (ClientContext === undefined) return { fields: {}, carrier: 'none' };
  return { fields: { ClientContext }, carrier: 'client_context' };
}
