// Does what follows an order: ships it, files its receipt, tells the customer. Each of them has a queue of its own.
import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { processDeadLetter } from 'keeptrace/messaging';
import pg from 'pg';
import { consume } from './consume.mjs';

const { DATABASE_URL, PAYMENTS_URL, SHIPMENTS_QUEUE, RECEIPTS_QUEUE, RECEIPTS_DEAD_QUEUE, NOTICES_QUEUE } = process.env;
/** As in the redrive policy of the queue. */
const maxReceiveCount = 3;
const db = new pg.Pool({ connectionString: DATABASE_URL });
const events = new EventBridgeClient();

async function ship({ orderId, customer, item }) {
  await db.query('INSERT INTO shipments (order_id, item) VALUES ($1, $2)', [orderId, item]);
  const Detail = JSON.stringify({ orderId, customer });
  await events.send(new PutEventsCommand({ Entries: [{ Source: 'shop', DetailType: 'order.shipped', Detail }] }));
  console.log(`shipped order ${orderId}`);
}

async function fileReceipt({ orderId, receipt }) {
  const answer = await fetch(`${PAYMENTS_URL}/receipts/${receipt}`);
  const { text, error } = await answer.json();
  if (!answer.ok) throw new Error(`no receipt: ${error}`);
  await db.query('INSERT INTO receipts (order_id, text) VALUES ($1, $2)', [orderId, text]);
  console.log(`filed the receipt of order ${orderId}`);
}

async function tellCustomer({ orderId, customer }) {
  await db.query('INSERT INTO notices (order_id, customer) VALUES ($1, $2)', [orderId, customer]);
  console.log(`told the customer of order ${orderId}`);
}

async function giveUp({ orderId }) {
  await db.query('INSERT INTO receipts (order_id, text) VALUES ($1, $2)', [orderId, 'missing']);
  console.log(`gave up on the receipt of order ${orderId}`);
}

console.log('worker is polling');
await Promise.all([
  consume(SHIPMENTS_QUEUE, { name: 'order.ship' }, ship),
  consume(RECEIPTS_QUEUE, { name: 'order.file_receipt', maxReceiveCount }, fileReceipt),
  consume(NOTICES_QUEUE, { name: 'order.tell_customer' }, tellCustomer),
  consume(RECEIPTS_DEAD_QUEUE, { name: 'order.give_up_receipt', maxReceiveCount }, giveUp, processDeadLetter),
]);
