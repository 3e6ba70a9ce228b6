// Charges cards and keeps the receipts. One bank is slow, some cards are declined, and some receipts cannot be read.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const { PORT = '3001' } = process.env;

const SLOW_BANK = '4444';
const DECLINED = '0002';
const UNREADABLE = '0009';

async function charge({ orderId, cents, card }) {
  const bank = card.slice(0, 4);
  await delay(bank === SLOW_BANK ? 1200 : 5 + (orderId % 20));
  if (card.endsWith(DECLINED)) throw new Error('card declined');
  return { receipt: `${orderId}-${card.slice(-4)}`, cents };
}

function readReceipt(receipt) {
  if (receipt.endsWith(UNREADABLE)) throw new Error('the archive is broken');
  return { receipt, text: `paid with ${receipt}` };
}

async function readJson(req) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks));
}

function answer(res, status, body) {
  res.writeHead(status, { 'content-type': 'application/json' });
  res.end(JSON.stringify(body));
}

const server = createServer(async (req, res) => {
  const receipt = req.url.split('/receipts/')[1];
  try {
    if (req.method === 'POST' && req.url === '/charge') answer(res, 200, await charge(await readJson(req)));
    else if (req.method === 'GET' && receipt) answer(res, 200, readReceipt(receipt));
    else answer(res, 404, { error: 'not found' });
  } catch (error) {
    answer(res, 503, { error: error.message });
  }
});

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`payments listening on ${server.address().port}`);
});
