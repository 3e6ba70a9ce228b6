// Works on the messages of a queue, and sends each on when it has a queue to send to.
import { DeleteMessageCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { processMessage, receiveOptions } from 'keeptrace/messaging';
import { mishap } from './mishap.mjs';

const { ROLE, RECEIVES_FROM: QueueUrl, SENDS_TO } = process.env;
const sqs = new SQSClient();
let done = 0;

async function work({ span, message }) {
  const { id, fate } = message.json();
  span.setAttribute('app.request.id', id);
  if (fate === `${ROLE}-before`) await mishap();
  if (SENDS_TO) await sqs.send(new SendMessageCommand({ QueueUrl: SENDS_TO, MessageBody: message.body }));
  if (fate === `${ROLE}-after`) throw new Error('no stock left');
}

console.log('polling');
for (;;) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 5, ...receiveOptions() }),
  );
  for (const message of Messages) {
    // No message is tried again: one attempt, one fragment.
    await processMessage(message, { name: `${ROLE}.work`, destination: QueueUrl }, work).catch(() => {});
    await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message.ReceiptHandle }));
    console.log(`done ${++done}`);
  }
}
