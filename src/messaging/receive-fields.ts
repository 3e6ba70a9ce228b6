// Owns what is asked for with every receive: without it a message does not say how often it came, or out of which trace.
import { propagation } from '@opentelemetry/api';

/** System attributes that processing tells its story from. */
const wanted = [
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SentTimestamp',
  'AWSTraceHeader',
  'DeadLetterQueueSourceArn',
  'MessageGroupId',
  'SequenceNumber',
];

/** The fields of a ReceiveMessage that have to change; what the app asks for stays asked for. */
export function receiveFields(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  // An app that uses the older name may be talking to something that knows only that.
  const older = input.MessageSystemAttributeNames === undefined && Array.isArray(input.AttributeNames);
  return {
    ...withNames(input, older ? 'AttributeNames' : 'MessageSystemAttributeNames', wanted),
    ...withNames(input, 'MessageAttributeNames', propagation.fields()),
  };
}

function withNames(input: Readonly<Record<string, unknown>>, key: string, names: string[]): Record<string, unknown> {
  const asked: unknown = input[key] ?? [];
  if (!Array.isArray(asked) || asked.includes('All') || asked.includes('.*')) return {};
  const all = new Set<unknown>([...asked, ...names]);
  return all.size === asked.length ? {} : { [key]: [...all] };
}
