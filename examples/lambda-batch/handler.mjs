// A Lambda function behind an SQS queue: each record has a span in its own sender's trace, and only failed ones come back.
import { processBatch } from 'keeptrace/messaging';

export const handler = (event) =>
  processBatch(event, { name: 'order.ship', maxReceiveCount: 3 }, (_record, { message }) => {
    const order = message.json();
    if (!order.items?.length) throw new Error('nothing to ship');
  });
