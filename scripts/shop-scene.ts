// The day of the shop: what its customers did within five minutes, seconds before the pictures are taken.
import { type Attributes, hexFrom, randomFrom, type SpanSpec, type TraceSpec } from './shop-traces.ts';

export interface Scene {
  traces: TraceSpec[];
  /** Of the traces that the pictures are about. */
  failed: string;
  slow: string;
  order: string;
  batch: string;
}

/** 2026-11-21, 09:41 UTC. */
export const SCENE_START = Date.UTC(2026, 10, 21, 9, 41, 0);

const STACK = `GatewayTimeoutError: no answer from acquirer.example within 800 ms
    at Acquirer.authorize (/srv/payments/src/acquirer.ts:88:11)
    at async withRetry (/srv/payments/src/retry.ts:31:14)
    at async chargeCard (/srv/payments/src/charge.ts:54:20)
    at async Object.handler (/srv/payments/src/routes/charge.ts:17:5)
    at async Layer.handle (/srv/payments/node_modules/router/lib/layer.js:152:17)
    at process.processTicksAndRejections (node:internal/process/task_queues:105:5)`;

export function shopScene(seed = 20): Scene {
  const random = randomFrom(seed);
  const id = () => hexFrom(random, 32);
  const between = (low: number, high: number) => low + random() * (high - low);
  const scene: Scene = { traces: [], failed: '', slow: '', order: '', batch: '' };
  const add = (startMs: number, root: SpanSpec): string => {
    const traceId = id();
    scene.traces.push({ traceId, startMs, root });
    return traceId;
  };

  const linked: { traceId: string; spanId: string }[] = [];
  for (let at = 0; at < 292_000; at += between(900, 4200)) {
    const when = SCENE_START + at;
    const dice = random();
    if (dice < 0.5) add(when, product(between(0.7, 2.4), Math.floor(between(100, 999))));
    else if (dice < 0.72) add(when, search(between(0.5, 1.7), at > 60_000 && random() < 0.12 ? 17 : 1));
    else if (dice < 0.94) {
      const spanId = hexFrom(random, 16);
      const fails = random() < 0.1;
      const traceId = add(when, order(between(0.8, 1.5), { spanId, fails }));
      if (!fails) linked.push({ traceId, spanId });
    } else add(when, cart(between(0.8, 1.6)));
  }
  scene.batch = add(SCENE_START + 293_000, digest(linked.slice(-4)));
  scene.order = add(SCENE_START + 295_000, order(1.1, { large: true }));
  scene.slow = add(SCENE_START + 296_500, search(1.2, 19));
  add(SCENE_START + 297_400, product(1.1, 482));
  scene.failed = add(SCENE_START + 298_100, order(1, { fails: true }));
  add(SCENE_START + 299_300, product(0.9, 117));
  return scene;
}

const http = (method: string, route: string, status: number, more: Attributes = {}): Attributes => ({
  'http.request.method': method,
  'http.route': route,
  'http.response.status_code': status,
  'url.path': route.replace(':id', '482'),
  'url.scheme': 'http',
  'server.address': 'localhost',
  'server.port': 8080,
  'user_agent.original': 'shop-web/3.2 (desktop)',
  ...more,
});
const sql = (text: string, table: string): Attributes => ({
  'db.system.name': 'postgresql',
  'db.namespace': 'shop',
  'db.collection.name': table,
  'db.query.text': text,
});

function product(pace: number, number: number): SpanSpec {
  const hit = number % 3 !== 0;
  const select = (at: number): SpanSpec => ({
    service: 'catalog',
    name: 'SELECT products',
    kind: 'client',
    at,
    ms: 5.4 * pace,
    attributes: sql('SELECT * FROM products WHERE id = $1', 'products'),
  });
  const inner: SpanSpec = {
    service: 'catalog',
    name: 'GET /products/:id',
    kind: 'server',
    at: 1.1,
    ms: 13 * pace,
    attributes: http('GET', '/products/:id', 200, { 'shop.product': `p-${number}` }),
    events: [{ name: hit ? 'cache hit' : 'cache miss', at: 1.4, attributes: { 'cache.key': `product:${number}` } }],
    children: hit ? [] : [select(2.2)],
  };
  return {
    service: 'shop-api',
    name: 'GET /products/:id',
    kind: 'server',
    at: 0,
    ms: 17 * pace + 3,
    attributes: http('GET', '/products/:id', 200, { 'shop.product': `p-${number}` }),
    children: [{ service: 'shop-api', name: 'GET', kind: 'client', at: 1, ms: 13 * pace + 2.4, children: [inner] }],
  };
}

function cart(pace: number): SpanSpec {
  return {
    service: 'shop-api',
    name: 'PUT /cart/items',
    kind: 'server',
    at: 0,
    ms: 12 * pace + 2,
    attributes: http('PUT', '/cart/items', 200),
    children: [
      {
        service: 'shop-api',
        name: 'UPDATE carts',
        kind: 'client',
        at: 1.4,
        ms: 7 * pace,
        attributes: sql('UPDATE carts SET items = $2 WHERE id = $1', 'carts'),
      },
    ],
  };
}

function search(pace: number, slowness: number): SpanSpec {
  const query = 62 * pace * slowness;
  return {
    service: 'shop-api',
    name: 'GET /search',
    kind: 'server',
    at: 0,
    ms: query + 31,
    attributes: http('GET', '/search', 200, { 'url.query': 'q=merino&sort=price', 'shop.hits': 214 }),
    children: [
      {
        service: 'shop-api',
        name: 'GET',
        kind: 'client',
        at: 2,
        ms: query + 22,
        children: [
          {
            service: 'catalog',
            name: 'GET /search',
            kind: 'server',
            at: 1.2,
            ms: query + 19,
            attributes: http('GET', '/search', 200),
            children: [
              { service: 'catalog', name: 'parse query', at: 0.6, ms: 1.1 },
              {
                service: 'catalog',
                name: 'SELECT products',
                kind: 'client',
                at: 2.2,
                ms: query,
                attributes: sql(
                  'SELECT id, name, price FROM products WHERE to_tsvector(name) @@ plainto_tsquery($1) ORDER BY price LIMIT 50',
                  'products',
                ),
              },
              { service: 'catalog', name: 'rank', at: query + 3, ms: 13.5, attributes: { 'shop.hits': 214 } },
            ],
          },
        ],
      },
    ],
  };
}

interface OrderOptions {
  fails?: boolean;
  large?: boolean;
  spanId?: string;
}

function order(pace: number, { fails = false, large = false, spanId }: OrderOptions): SpanSpec {
  const charge = fails ? 812 : 64 * pace;
  const begun = 29 * pace;
  const end = begun + charge + 9;
  const number = large ? 'o-20481' : `o-${Math.floor(pace * 9999)}`;
  const payment: SpanSpec = {
    service: 'payments',
    name: 'POST /charge',
    kind: 'server',
    at: 1.6,
    ms: charge + 3,
    attributes: http('POST', '/charge', fails ? 503 : 201, {
      'shop.order': number,
      'keeptrace.reason': fails ? 'error' : '',
    }),
    ...(fails ? { error: 'HTTP 503' } : {}),
    children: [
      {
        service: 'payments',
        name: 'SELECT cards',
        kind: 'client',
        at: 1.2,
        ms: 3.1,
        attributes: sql('SELECT token FROM cards WHERE customer = $1', 'cards'),
      },
      {
        service: 'payments',
        name: 'authorize card',
        at: 5,
        ms: charge - 4,
        attributes: {
          'payment.amount': large ? 12_480.5 : 129.9,
          'payment.currency': 'EUR',
          'payment.acquirer': 'acquirer.example',
          'payment.attempt': fails ? 2 : 1,
        },
        ...(fails
          ? {
              exception: {
                type: 'GatewayTimeoutError',
                message: 'no answer from acquirer.example within 800 ms',
                stack: STACK,
              },
              events: [{ name: 'retry', at: 402, attributes: { 'retry.after_ms': 400 } }],
            }
          : {}),
      },
    ],
  };
  if (!fails) delete payment.attributes?.['keeptrace.reason'];
  const after: SpanSpec[] = fails
    ? [
        {
          service: 'shop-api',
          name: 'UPDATE orders',
          kind: 'client',
          at: end + 1,
          ms: 6,
          attributes: sql("UPDATE orders SET state = 'unpaid' WHERE id = $1", 'orders'),
        },
      ]
    : [
        {
          service: 'shop-api',
          name: 'INSERT orders',
          kind: 'client',
          at: end + 1,
          ms: 8 * pace,
          attributes: sql('INSERT INTO orders (id, customer, total) VALUES ($1, $2, $3)', 'orders'),
        },
        {
          service: 'shop-api',
          name: 'send orders',
          kind: 'producer',
          at: end + 10 * pace,
          ms: 4 * pace,
          attributes: {
            'messaging.system': 'aws_sqs',
            'messaging.destination.name': 'orders',
            'messaging.operation.type': 'send',
            'messaging.message.id': 'c1f2',
          },
          children: [
            {
              service: 'mailer',
              name: 'process orders',
              kind: 'consumer',
              at: 26 * pace,
              ms: 58 * pace,
              attributes: {
                'messaging.system': 'aws_sqs',
                'messaging.destination.name': 'orders',
                'messaging.operation.type': 'process',
              },
              children: [
                {
                  service: 'mailer',
                  name: 'render template',
                  at: 2,
                  ms: 15 * pace,
                  attributes: { 'mail.template': 'order-confirmed' },
                },
                {
                  service: 'mailer',
                  name: 'POST',
                  kind: 'client',
                  at: 18 * pace,
                  ms: 37 * pace,
                  attributes: {
                    'http.request.method': 'POST',
                    'server.address': 'mail.example',
                    'http.response.status_code': 202,
                  },
                },
              ],
            },
          ],
        },
      ];
  return {
    service: 'shop-api',
    name: 'POST /orders',
    kind: 'server',
    at: 0,
    ms: end + 17 * pace,
    ...(spanId === undefined ? {} : { spanId }),
    attributes: {
      ...http('POST', '/orders', fails ? 502 : 201, { 'shop.order': number, 'shop.customer': 'c-3107' }),
      ...(large ? { 'keeptrace.reason': 'manual', 'keeptrace.manual': 'large order' } : {}),
    },
    ...(fails ? { error: 'HTTP 502' } : {}),
    children: [
      {
        service: 'shop-api',
        name: 'SELECT carts',
        kind: 'client',
        at: 1.8,
        ms: 5 * pace,
        attributes: sql('SELECT items FROM carts WHERE id = $1', 'carts'),
      },
      {
        service: 'shop-api',
        name: 'POST',
        kind: 'client',
        at: 8 * pace,
        ms: 19 * pace,
        attributes: {
          'http.request.method': 'POST',
          'url.full': 'http://stock:8082/reserve',
          'http.response.status_code': 200,
        },
        children: [
          {
            service: 'stock',
            name: 'POST /reserve',
            kind: 'server',
            at: 1.4,
            ms: 16 * pace,
            attributes: http('POST', '/reserve', 200),
            children: [
              {
                service: 'stock',
                name: 'UPDATE stock',
                kind: 'client',
                at: 2,
                ms: 11 * pace,
                attributes: sql('UPDATE stock SET held = held + $2 WHERE sku = $1', 'stock'),
              },
            ],
          },
        ],
      },
      {
        service: 'shop-api',
        name: 'POST',
        kind: 'client',
        at: begun,
        ms: charge + 7,
        attributes: {
          'http.request.method': 'POST',
          'url.full': 'http://payments:8081/charge',
          'http.response.status_code': fails ? 503 : 201,
        },
        ...(fails ? { error: 'HTTP 503' } : {}),
        children: [payment],
      },
      ...after,
    ],
  };
}

function digest(linked: { traceId: string; spanId: string }[]): SpanSpec {
  return {
    service: 'mailer',
    name: 'receive digests',
    kind: 'consumer',
    at: 0,
    ms: 41,
    attributes: {
      'messaging.system': 'aws_sqs',
      'messaging.destination.name': 'digests',
      'messaging.batch.message_count': linked.length,
    },
    links: linked.map((link, at) => ({ ...link, attributes: { 'messaging.message.id': `m-${at + 1}` } })),
    children: [{ service: 'mailer', name: 'render digest', at: 3, ms: 30 }],
  };
}
