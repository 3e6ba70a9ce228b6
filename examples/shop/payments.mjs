// Charges cards. One bank is slow, and some cards are declined.
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const { PORT = '3001' } = process.env;

const SLOW_BANK = '4444';
const DECLINED = '0002';

async function charge({ orderId, cents, card }) {
  const bank = card.slice(0, 4);
  await delay(bank === SLOW_BANK ? 1200 : 5 + (orderId % 20));
  if (card.endsWith(DECLINED)) throw new Error('card declined');
  return { receipt: `r-${orderId}`, cents };
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
  if (req.method !== 'POST' || req.url !== '/charge') return answer(res, 404, { error: 'not found' });
  try {
    answer(res, 200, await charge(await readJson(req)));
  } catch (error) {
    answer(res, 503, { error: error.message });
  }
});

server.listen(Number(PORT), '127.0.0.1', () => {
  console.log(`payments listening on ${server.address().port}`);
});
