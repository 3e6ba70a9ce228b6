// Ships what is paid: takes messages from the queue and writes shipments.
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import pg from 'pg';

const { DATABASE_URL, QUEUE_URL } = process.env;
const db = new pg.Pool({ connectionString: DATABASE_URL });
const sqs = new SQSClient();

async function ship({ orderId, item }) {
  await db.query('INSERT INTO shipments (order_id, item) VALUES ($1, $2)', [orderId, item]);
  console.log(`shipped order ${orderId}`);
}

console.log('worker is polling');
for (;;) {
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl: QUEUE_URL, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }),
  );
  for (const message of Messages) {
    await ship(JSON.parse(message.Body));
    await sqs.send(new DeleteMessageCommand({ QueueUrl: QUEUE_URL, ReceiptHandle: message.ReceiptHandle }));
  }
}
