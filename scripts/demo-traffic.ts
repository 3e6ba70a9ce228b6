// The customers: orders that work, a card that is declined, a bank that is slow, a receipt that cannot be read, and
// people who look up their order.
import { setTimeout as delay } from 'node:timers/promises';

export interface TrafficCount {
  requests: number;
  orders: number;
  paid: number;
  failed: number;
  slow: number;
  /** Paid orders whose receipt nobody can read. */
  poisoned: number;
  ms: number;
}

type Errand = 'order' | 'declined' | 'slow' | 'poison' | 'look-up';

const CARDS: Record<Exclude<Errand, 'look-up'>, string> = {
  order: '5500-0000-0000-0004',
  declined: '5500-0000-0000-0002',
  slow: '4444-0000-0000-0004',
  poison: '5500-0000-0000-0009',
};
const ITEMS = ['kettle', 'lamp', 'chair', 'blanket'];
const PARALLEL = 8;
const POISON_AT = 10;

/** Fixed by the number, so that every run has the same mix; 24 requests have at least one of each. */
function errandOf(n: number): Errand {
  if (n === POISON_AT) return 'poison';
  if (n % 40 === 20) return 'slow';
  if (n % 12 === 5) return 'declined';
  return n % 5 === 4 ? 'look-up' : 'order';
}

export async function driveTraffic(
  url: string,
  requests: number,
  onDone: (done: number) => void,
): Promise<TrafficCount> {
  const count: TrafficCount = { requests, orders: 0, paid: 0, failed: 0, slow: 0, poisoned: 0, ms: 0 };
  const started = performance.now();
  let next = 0;
  let done = 0;
  let lastOrder = 0;

  async function request(n: number): Promise<void> {
    const errand = errandOf(n);
    const before = performance.now();
    if (errand === 'look-up') await expectStatus(fetch(`${url}/orders/${lastOrder}`), 200);
    else {
      count.orders += 1;
      const body = { customer: `c-${n}`, item: ITEMS[n % ITEMS.length], cents: 1000 + n, card: CARDS[errand] };
      const answer = await expectStatus(post(`${url}/orders`, body), errand === 'declined' ? 502 : 201);
      if (errand === 'declined') count.failed += 1;
      else {
        count.paid += 1;
        lastOrder = answer.id;
        if (errand === 'poison') count.poisoned += 1;
      }
    }
    if (performance.now() - before > 1000) count.slow += 1;
    onDone(++done);
  }

  async function customer(): Promise<void> {
    while (next < requests) {
      await request(next++);
      // Customers are not a benchmark: a breath between requests keeps the times in the trees honest.
      await delay(10);
    }
  }

  // The first order is alone, so that there is one to look up.
  await request(next++);
  await Promise.all(Array.from({ length: PARALLEL }, customer));
  count.ms = performance.now() - started;
  return count;
}

const post = (url: string, body: object) =>
  fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });

async function expectStatus(sent: Promise<Response>, status: number): Promise<{ id: number }> {
  const response = await sent;
  const text = await response.text();
  if (response.status !== status) {
    throw new Error(`the shop answered ${response.status} where ${status} was expected: ${text.slice(0, 500)}`);
  }
  return JSON.parse(text);
}
