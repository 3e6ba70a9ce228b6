// Takes orders: stores them, has the card charged, and tells everyone who cares that they are paid.
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import express from 'express';
import pg from 'pg';

const { PORT = '3000', DATABASE_URL, PAYMENTS_URL, ORDERS_TOPIC } = process.env;
const db = new pg.Pool({ connectionString: DATABASE_URL, max: 4 });
const sns = new SNSClient();
const app = express();

app.use(express.json());

app.post('/orders', async (req, res) => {
  const { customer, item, cents, card } = req.body;
  const inserted = await db.query(
    'INSERT INTO orders (customer, item, cents, status) VALUES ($1, $2, $3, $4) RETURNING id',
    [customer, item, cents, 'new'],
  );
  const { id } = inserted.rows[0];

  const charge = await fetch(`${PAYMENTS_URL}/charge`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ orderId: id, cents, card }),
  });
  const { error, receipt } = await charge.json();
  if (!charge.ok) {
    await db.query('UPDATE orders SET status = $1 WHERE id = $2', ['unpaid', id]);
    return res.status(502).json({ id, error: `payment failed: ${error}` });
  }

  await db.query('UPDATE orders SET status = $1 WHERE id = $2', ['paid', id]);
  await sns.send(
    new PublishCommand({
      TopicArn: ORDERS_TOPIC,
      Message: JSON.stringify({ orderId: id, customer, item, receipt }),
      MessageAttributes: { event: { DataType: 'String', StringValue: 'order.paid' } },
    }),
  );
  res.status(201).json({ id });
});

app.get('/orders/:id', async (req, res) => {
  const { rows } = await db.query('SELECT id, item, status FROM orders WHERE id = $1', [req.params.id]);
  if (rows.length === 0) return res.status(404).json({ error: 'no such order' });
  res.json(rows[0]);
});

app.get('/healthz', (_req, res) => res.send('ok'));

const server = app.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`shop-api listening on ${server.address().port}`);
});
