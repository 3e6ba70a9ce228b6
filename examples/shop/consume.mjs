// Takes messages from a queue, one after the other. What fails is tried again until the queue has had enough of it.
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { processMessage, receiveOptions } from 'keeptrace/messaging';

const sqs = new SQSClient();

/**
 * Never returns. The handler gets what was sent, without any envelope.
 *
 * @param options of `process`
 * @param process `processDeadLetter` for a queue of dead letters
 */
export async function consume(QueueUrl, options, handle, process = processMessage) {
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, ...receiveOptions() }),
    );
    for (const received of Messages) {
      const { ReceiptHandle } = received;
      try {
        await process(received, { destination: QueueUrl, ...options }, ({ message }) => handle(message.json()));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      } catch (error) {
        console.error(`not done: ${error.message}`);
        // At once, since a demo should not wait for it.
        await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
      }
    }
  }
}
