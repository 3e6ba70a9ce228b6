// Owns the HTTP header by which AWS takes a trace along where a message has no place for it: SNS puts it on the messages it
// delivers to SQS, Lambda hands it to a function called asynchronously. It is never part of the signature.
import type { Span } from '@opentelemetry/api';
import type { AwsCall } from './aws-call.ts';
import { toXRayHeader } from './xray-header.ts';

const name = 'X-Amzn-Trace-Id';
/** On spans whose request has the header; a global symbol, because the client may be traced by another copy of this module. */
const headed = Symbol.for('keeptrace.http-header');

/** Whether `call` needs the header, with its context being where `carrier` says. */
export function needsHeader({ service, command, input }: AwsCall, carrier: unknown): boolean {
  if (service === 'Lambda') return command === 'Invoke' && carrier === 'none' && input.InvocationType === 'Event';
  if (service !== 'SNS' || (command !== 'Publish' && command !== 'PublishBatch')) return false;
  if (input.PhoneNumber !== undefined) return false;
  // Beside a context in the attributes of a message, that counts.
  return carrier === 'none' || carrier === 'mixed' || hasStructure(input) || entriesOf(input).some(hasStructure);
}

/** A message made for each protocol is delivered without its attributes. */
function hasStructure(entry: { MessageStructure?: unknown } | undefined): boolean {
  return entry?.MessageStructure === 'json';
}

function entriesOf({ PublishBatchRequestEntries: entries }: AwsCall['input']): { MessageStructure?: unknown }[] {
  return Array.isArray(entries) ? entries : [];
}

/** Puts it in place of the one that the SDK sends within Lambda, of which it keeps what is not about the trace. */
export function putHeader(request: unknown, span: Span & { [headed]?: true }): void {
  const headers = (request as { headers?: Record<string, string> } | undefined)?.headers;
  if (typeof headers !== 'object' || headers === null) return;
  const key = Object.keys(headers).find((header) => header.toLowerCase() === name.toLowerCase());
  const header = toXRayHeader(span.spanContext(), key && headers[key]);
  if (header === '') return;
  headers[key ?? name] = header;
  span[headed] = true;
}

export function hasHeader(span: Span & { [headed]?: true }): boolean {
  return span[headed] === true;
}
