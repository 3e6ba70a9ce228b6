// The public surface of keeptrace/messaging. Needs no SDK, only the API and its core, so that it can be loaded before tracing.
export { type Carrier, carriers } from './carriers.ts';
export { type DeadLetterHandler, type DeadLetterReason, deadLetterEntry, processDeadLetter } from './dead-letter.ts';
export { extractHeaders, type InjectOptions, injectHeaders } from './headers.ts';
export type { MessageView, QueueMessage } from './message-view.ts';
export { type Batch, type BatchOptions, type BatchResponse, processBatch } from './process-batch.ts';
export { type HeaderOptions, processHeaders } from './process-headers.ts';
export { processMessage } from './process-message.ts';
export type { Handler, ProcessOptions, ProcessScope } from './process-options.ts';
export { receiveOptions } from './receive-options.ts';
export { TimeoutError } from './run-handler.ts';
export { traceAwsClient } from './trace-aws-client.ts';
export { type MessageHandler, tracedHandler } from './traced-handler.ts';
