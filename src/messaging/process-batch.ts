// Owns the door for a batch of messages: each in its own trace, failures reported one by one, and the order of a FIFO queue.
import { type Attributes, context, type Link, type Span, SpanKind, trace } from '@opentelemetry/api';
import { type Incoming, nameOf } from './job-attributes.ts';
import type { QueueMessage } from './message-view.ts';
import { attribute, systemAttributes } from './names.ts';
import { incomingFrom } from './process-message.ts';
import type { ProcessOptions } from './process-options.ts';
import { runHandler } from './run-handler.ts';
import type { MessageHandler } from './traced-handler.ts';

export interface BatchOptions extends ProcessOptions {
  /** Messages worked on at the same time; 1 on a FIFO queue. Default 10. */
  concurrency?: number | undefined;
  /**
   * One after the other, and after a failure nothing that could overtake: `group` (also `true`) leaves the rest of the
   * message group undone, `batch` the rest of the batch. Default: `group` on a queue whose name ends in `.fifo`, or where a
   * message has a sequence number. A batch in which a message has no known group is left as a whole.
   */
  fifo?: boolean | 'group' | 'batch' | undefined;
  /**
   * Whether the batch gets a span of its own. Default: unless the instrumentation of Lambda has made one, or no queue was in
   * between, where each call brings one message.
   */
  batchSpan?: boolean | undefined;
}

/** An event of Lambda, the `Messages` of a receive, or an event of EventBridge, which is a single message. */
export type Batch<M> = { Records: readonly M[] } | readonly M[] | M;

/** What a handler of Lambda answers, with `ReportBatchItemFailures` switched on. */
export interface BatchResponse {
  batchItemFailures: { itemIdentifier: string }[];
}

/**
 * Runs `handler` for each message, as `processMessage` does, and answers which of them failed. An error of a handler is on
 * its message's span and makes the message come back, and nothing rejects. To SNS and EventBridge, which hand their events
 * to Lambda without a queue, nothing can be answered: there it rejects with the handler's error once all have run.
 *
 * @param batch the event that Lambda passes, or the `Messages` of `ReceiveMessage`
 * @example
 * export const handler = (event) => processBatch(event, { name: 'order.ship' }, (record) => ship(JSON.parse(record.body)));
 */
export async function processBatch<M extends QueueMessage>(
  batch: Batch<M>,
  options: BatchOptions,
  handler: MessageHandler<M, unknown>,
): Promise<BatchResponse> {
  const known = options ?? { name: '' };
  const messages = messagesOf(batch);
  const incoming = messages.map((message) => incomingFrom(message, known));
  const direct = isDirect(batch, incoming);
  const span = openBatchSpan(incoming, known, direct);
  const active = span === undefined ? context.active() : trace.setSpan(context.active(), span);
  const failed = new Map<number, unknown>();
  const lineOf = linesOf(known.fifo, incoming);
  const stopped = new Set<string>();
  let skipped = 0;
  let next = 0;
  const lane = async () => {
    while (next < messages.length) {
      const at = next++;
      const line = lineOf?.(incoming[at]!);
      // Whatever comes after a failure in its line would overtake it. It comes back with it.
      if (line !== undefined && stopped.has(line)) {
        failed.set(at, undefined);
        skipped += 1;
        continue;
      }
      try {
        await runHandler(incoming[at]!, known, (scope) => handler(messages[at]!, scope));
      } catch (error) {
        failed.set(at, error);
        if (line !== undefined) stopped.add(line);
      }
    }
  };
  const lanes = lineOf ? 1 : Math.min(messages.length, Math.max(1, Math.floor(known.concurrency ?? 10) || 1));
  await context.with(active, () => Promise.all(Array.from({ length: lanes }, lane)));
  closeBatchSpan(span, failed.size, skipped);
  if (direct) throwAny([...failed.values()]);
  const inOrderOfBatch = [...failed.keys()].sort((a, b) => a - b);
  // An empty identifier makes Lambda take the whole batch back, which is right for a message that has none.
  return { batchItemFailures: inOrderOfBatch.map((at) => ({ itemIdentifier: incoming[at]?.view.id ?? '' })) };
}

/** What has to stay in order: nothing, the messages of each group, or all of them. */
function linesOf(fifo: BatchOptions['fifo'], incoming: Incoming[]): ((message: Incoming) => string) | undefined {
  const order = fifo ?? incoming.some(({ destination, numbered }) => numbered || destination?.endsWith('.fifo'));
  if (order === false) return undefined;
  const known = order !== 'batch' && incoming.every(({ groupId }) => groupId !== undefined);
  return known ? ({ groupId }) => groupId as string : () => '';
}

/** What is no list is a single message, whatever it looks like: a rule can make anything of its event. */
function messagesOf<M extends QueueMessage>(batch: Batch<M> | undefined): readonly M[] {
  const list = listOf(batch);
  if (list !== undefined) return list;
  return typeof batch !== 'object' || batch === null || 'Records' in batch ? [] : [batch as M];
}

function listOf<M>(batch: Batch<M> | undefined): readonly M[] | undefined {
  const list = Array.isArray(batch) ? batch : (batch as { Records?: readonly M[] } | undefined)?.Records;
  return Array.isArray(list) ? list : undefined;
}

/** Whether it came without a queue: nothing can be answered then, and it has no id to answer with. */
function isDirect(batch: unknown, incoming: Incoming[]): boolean {
  if (incoming.some(({ system }) => system !== 'aws_sqs')) return true;
  return listOf(batch) === undefined && incoming.some(({ view }) => view.id === undefined);
}

function throwAny(errors: unknown[]): void {
  if (errors.length > 1) throw new AggregateError(errors, `${errors.length} messages failed`);
  for (const error of errors) throw error;
}

/** One span with a link to each message's producer, below whatever is active. */
function openBatchSpan(incoming: Incoming[], options: BatchOptions, direct: boolean): Span | undefined {
  // A receive that brought nothing.
  if (incoming.length === 0) return undefined;
  if (!(options.batchSpan ?? !(direct || lambdaHasOne()))) return undefined;
  try {
    const destination = nameOf(incoming[0]?.destination);
    return trace.getTracer('keeptrace').startSpan(`process ${destination ?? 'batch'}`, {
      kind: SpanKind.CONSUMER,
      links: incoming.flatMap(linkOf),
      attributes: {
        ...(incoming[0]?.system !== undefined && systemAttributes(incoming[0].system)),
        [attribute.operationName]: 'process',
        [attribute.operationType]: 'process',
        [attribute.messageCount]: incoming.length,
        ...(destination !== undefined && { [attribute.destination]: destination }),
      },
    });
  } catch {
    return undefined;
  }
}

function linkOf({ view, origin }: Incoming): Link[] {
  const producer = trace.getSpanContext(origin.context) ?? origin.link;
  if (producer === undefined) return [];
  return [{ context: producer, ...(view.id !== undefined && { attributes: { [attribute.messageId]: view.id } }) }];
}

/** instrumentation-aws-lambda opens a span for the batch, which is not active in the handler; the one of the call is. */
function lambdaHasOne(): boolean {
  const active = trace.getActiveSpan() as { attributes?: Attributes } | undefined;
  return active?.attributes?.['faas.trigger'] === 'pubsub';
}

/** A batch of which some failed is no failure itself: those that did have spans of their own. */
function closeBatchSpan(span: Span | undefined, failed: number, skipped: number): void {
  try {
    if (failed > 0) span?.setAttribute(attribute.failedCount, failed);
    if (skipped > 0) span?.setAttribute(attribute.skippedCount, skipped);
    span?.end();
  } catch {
    // A foreign span processor threw.
  }
}
