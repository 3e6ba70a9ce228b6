// Takes messages from a queue, one after the other. What fails is tried again until the queue has had enough of it.
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';

const sqs = new SQSClient();

/** Never returns. */
export async function consume(QueueUrl, handle) {
  for (;;) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
    );
    for (const { Body, ReceiptHandle } of Messages) {
      try {
        await handle(JSON.parse(Body));
        await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
      } catch (error) {
        console.error(`not done: ${error.message}`);
        // At once, since a demo should not wait for it.
        await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout: 0 }));
      }
    }
  }
}
