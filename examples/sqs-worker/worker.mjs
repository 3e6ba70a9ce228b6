// A worker that takes messages from an SQS queue, one span for each attempt, in the trace of whoever sent the message.
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { processMessage, receiveOptions } from 'keeptrace/messaging';

const sqs = new SQSClient({ endpoint: process.env.AWS_ENDPOINT_URL_SQS });
const { QUEUE_URL: queueUrl } = process.env;
const stopping = new AbortController();
process.once('SIGTERM', () => stopping.abort());

async function work({ message, span }) {
  const order = message.json();
  if (!order.items?.length) throw new Error('nothing to ship');
  span.setAttribute('order.items', order.items.length);
  console.log(`shipped ${order.id}, attempt ${message.attempt}`);
}

while (!stopping.signal.aborted) {
  const receive = new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 5, ...receiveOptions() });
  const { Messages = [] } = await sqs.send(receive, { abortSignal: stopping.signal }).catch(nothing);
  for (const message of Messages) {
    const options = { name: 'order.ship', destination: queueUrl, maxReceiveCount: 3, timeoutMs: 25_000 };
    try {
      await processMessage(message, options, work);
      await sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }));
    } catch (error) {
      // SQS hands it out again when its visibility timeout is over.
      console.log(`failed: ${error.message}`);
    }
  }
}

function nothing(error) {
  if (!stopping.signal.aborted) console.log(`cannot receive: ${error.name}`);
  return {};
}
