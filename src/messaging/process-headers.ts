// Owns the door for messages of any other broker, of which no more is known than their headers.
import { trace } from '@opentelemetry/api';
import type { Carrier } from './carriers.ts';
import { extractHeaders } from './headers.ts';
import { destinationOf, type Incoming } from './job-attributes.ts';
import type { MessageView } from './message-view.ts';
import type { Handler, ProcessOptions } from './process-options.ts';
import { runHandler } from './run-handler.ts';

export interface HeaderOptions extends ProcessOptions {
  /** `messaging.system`: `kafka`, `rabbitmq`, `nats`, `bullmq`. */
  system?: string | undefined;
  /** `messaging.message.id` */
  messageId?: string | undefined;
  /** 1 for the first delivery; BullMQ has it as `job.attemptsMade + 1`. */
  attempt?: number | undefined;
}

/**
 * Does for the message of any broker what `processMessage` does for those of SQS: name its carrier, and pass what that
 * reads. Where an instrumentation of the broker has opened a span for this message already, no second one is made: that
 * one gets the name and the attributes.
 *
 * @example
 * await processHeaders(carriers.kafka, message.headers, { name: 'order.ship', system: 'kafka', destination: topic }, ship);
 */
export function processHeaders<C, R>(
  carrier: Carrier<C>,
  headers: C | undefined,
  options: HeaderOptions,
  handler: Handler<R>,
): Promise<R> {
  const known = options ?? { name: '' };
  const context = extractHeaders(carrier, headers);
  const incoming: Incoming = {
    view: headerView(carrier, headers, known),
    origin: { context, source: trace.getSpanContext(context) ? 'header' : 'none', deliveredVia: 'raw' },
    system: known.system,
    destination: destinationOf(known.destination),
  };
  return runHandler(incoming, known, handler);
}

function headerView<C>(carrier: Carrier<C>, headers: C | undefined, options: HeaderOptions): MessageView {
  return {
    id: options.messageId,
    attempt: options.attempt,
    body: undefined,
    sentAt: undefined,
    deadLetterSource: undefined,
    attribute(name) {
      try {
        return carrier.get(headers, name);
      } catch {
        return undefined;
      }
    },
    payload: () => undefined,
    json: () => JSON.parse(''),
  };
}
