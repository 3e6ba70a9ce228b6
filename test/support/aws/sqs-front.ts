// What SQS does and the engine does not: the header of the request, the newer attribute list, prompt long polls.
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer, Engine } from './engine.ts';
import { readTraceHeader, type SystemAttributes, systemAttributes } from './trace-header.ts';

export interface SqsRequest {
  action: string;
  input: Record<string, unknown>;
  traceHeader: unknown;
  /** Aborted when the client is gone or the server closes: a message is not given to nobody. */
  gone: AbortSignal;
  secondMs: number;
}

const MAX_WAIT_SECONDS = 20;

export function answerSqs(engine: Engine, request: SqsRequest): Promise<Answer> {
  const { action, input, traceHeader } = request;
  const header = readTraceHeader(traceHeader);
  if (action === 'SendMessage') return engine.call(action, carrying(header, input));
  if (action === 'SendMessageBatch' && Array.isArray(input.Entries)) {
    return engine.call(action, { ...input, Entries: input.Entries.map((entry) => carrying(header, entry)) });
  }
  if (action === 'ReceiveMessage') return receive(engine, request);
  return engine.call(action, input);
}

/** The system attribute wins over the header. */
function carrying<E extends { MessageSystemAttributes?: SystemAttributes }>(header: string | undefined, entry: E): E {
  return entry.MessageSystemAttributes?.AWSTraceHeader ? entry : { ...entry, ...systemAttributes(header) };
}

async function receive(engine: Engine, { input, gone, secondMs }: SqsRequest): Promise<Answer> {
  const { MessageSystemAttributeNames = [], ...known } = input;
  const AttributeNames = [input.AttributeNames ?? [], MessageSystemAttributeNames].flat();
  const request = { ...known, AttributeNames };
  const seconds = input.WaitTimeSeconds ?? engine.waitSeconds(input.QueueUrl) ?? 0;
  // The engine refuses a wait that is out of bounds, with the words of AWS.
  if (typeof seconds !== 'number' || !(seconds > 0 && seconds <= MAX_WAIT_SECONDS)) {
    return engine.call('ReceiveMessage', request);
  }
  // The engine's own long poll waits for a full batch.
  const end = performance.now() + seconds * secondMs;
  for (;;) {
    const answer = await engine.call('ReceiveMessage', { ...request, WaitTimeSeconds: 0 });
    if (answer.status !== 200 || answer.body !== '' || gone.aborted || performance.now() >= end) return answer;
    await delay(10, undefined, { ref: false });
  }
}
