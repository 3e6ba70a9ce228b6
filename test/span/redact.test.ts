import { type Attributes, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { createSpanRedactor } from '../../src/span/redact.ts';
import { createSecretNames } from '../../src/span/redact-names.ts';
import { createTextRedactor } from '../../src/span/redact-text.ts';
import { createUrlRedactor } from '../../src/span/redact-url.ts';

const names = createSecretNames();
const text = createTextRedactor(names);
const urls = createUrlRedactor(names, text);
const redactSpan = createSpanRedactor();

function span(parts: Partial<Record<keyof ReadableSpan, unknown>>): ReadableSpan {
  return {
    name: 'work',
    attributes: {},
    events: [],
    links: [],
    status: { code: 0 },
    ...parts,
  } as unknown as ReadableSpan;
}
function attributesAfter(attributes: Attributes, redact = redactSpan): Attributes {
  return redact(span({ attributes })).attributes;
}

describe('a URL', () => {
  test.each([
    ['https://shop.test/a?token=CANARY', 'https://shop.test/a?token=REDACTED'],
    ['https://shop.test/a?x=1&access_token=CANARY&y=2', 'https://shop.test/a?x=1&access_token=REDACTED&y=2'],
    ['https://shop.test/a?X-AMZ-SIGNATURE=CANARY', 'https://shop.test/a?X-AMZ-SIGNATURE=REDACTED'],
    ['https://shop.test/a?x-goog-signature=CANARY', 'https://shop.test/a?x-goog-signature=REDACTED'],
    ['https://shop.test/a?%73ig=CANARY', 'https://shop.test/a?%73ig=REDACTED'],
    ['https://shop.test/a?%2573ig=CANARY', 'https://shop.test/a?%2573ig=REDACTED'],
    ['https://shop.test/a?sig=CANARY&sig=CANARY', 'https://shop.test/a?sig=REDACTED&sig=REDACTED'],
    ['https://shop.test/a?user[password]=CANARY', 'https://shop.test/a?user[password]=REDACTED'],
    ['https://shop.test/a?user%5Bpassword%5D=CANARY', 'https://shop.test/a?user%5Bpassword%5D=REDACTED'],
    ['https://shop.test/a?clientSecret=CANARY;code=CANARY', 'https://shop.test/a?clientSecret=REDACTED;code=REDACTED'],
    ['https://shop.test/a?auth.token=CANARY', 'https://shop.test/a?auth.token=REDACTED'],
    ['https://shop.test/a?token=CANARY=CANARY', 'https://shop.test/a?token=REDACTED'],
    [
      'https://shop.test/a?next=https://b.test/?token=CANARY',
      'https://shop.test/a?next=https://b.test/?token=REDACTED',
    ],
    ['https://shop.test/a?next=https%3A%2F%2Fb.test%2F%3Ftoken%3DCANARY', 'https://shop.test/a?next=REDACTED'],
    ['https://shop.test/a?email=CANARY%40example.com', 'https://shop.test/a?email=REDACTED'],
    ['https://shop.test/a#access_token=CANARY', 'https://shop.test/a'],
    ['https://CANARY:CANARY@shop.test/a', 'https://REDACTED:REDACTED@shop.test/a'],
    ['https://CANARY@shop.test', 'https://REDACTED:REDACTED@shop.test'],
    ['https://user:CAN@RY@shop.test/a?x=1', 'https://REDACTED:REDACTED@shop.test/a?x=1'],
    ['https://shop.test/a;jsessionid=CANARY/b?x=1', 'https://shop.test/a;jsessionid=REDACTED/b?x=1'],
    ['/a;JSESSIONID=CANARY?x=1', '/a;JSESSIONID=REDACTED?x=1'],
    ['/reset?token=CANARY', '/reset?token=REDACTED'],
    ['https://shop.test?token=CANARY', 'https://shop.test?token=REDACTED'],
    ['https://shop.test/v/eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.CANARY', 'https://shop.test/v/REDACTED'],
    ['https://shop.test/u/CANARY@example.com', 'https://shop.test/u/REDACTED'],
  ])('%s → %s', (url, clean) => {
    expect(urls.url(url)).toBe(clean);
    expect(urls.url(clean)).toBe(clean);
  });

  test.each([
    'https://shop.test/',
    'https://shop.test/orders/17?page=2&sort=-created&q=a%20b+c&empty=&bare&=x',
    'https://shop.test/orders?keyboard=1&tokens=5&monkey=x&encode=utf8&author=bob&state=CA',
    'https://shop.test/a?next=%2Forders%2F17',
    'http://[::1]:8080/a?b=c',
    '*',
    '',
    'not a url',
  ])('%s stays the same string', (url) => {
    expect(urls.url(url)).toBe(url);
  });

  test.each([
    ['?token=CANARY&a=1', '?token=REDACTED&a=1'],
    ['token=CANARY', 'token=REDACTED'],
    ['a=%zz&token=%zzCANARY', 'a=%zz&token=REDACTED'],
    ['%74oken%=1&%74oken=CANARY', '%74oken%=1&%74oken=REDACTED'],
  ])('query %s → %s', (query, clean) => {
    expect(urls.query(query)).toBe(clean);
  });
});

describe('free text', () => {
  test.each([
    ['failed: Authorization: Bearer CANARY.CANARY-1', 'failed: Authorization: REDACTED'],
    ['sent bearer CANARYCANARY to b', 'sent bearer REDACTED to b'],
    ['Basic Q0FOQVJZOmNhbmFyeQ== refused', 'Basic REDACTED refused'],
    [
      'connect postgres://CANARY:CANARY@db.test:5432/shop failed',
      'connect postgres://REDACTED:REDACTED@db.test:5432/shop failed',
    ],
    ['GET https://a.test/?api_key=CANARY&x=1 failed', 'GET https://a.test/?api_key=REDACTED&x=1 failed'],
    ['redirected to /cb?code=CANARY', 'redirected to /cb?code=REDACTED'],
    ['key AKIAIOSFODNN7EXAMPLE is old', 'key REDACTED is old'],
    ['jwt eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.s3cr3t invalid', 'jwt REDACTED invalid'],
    ['host=db user=bob password=CANARY dbname=x', 'host=db user=bob password=REDACTED dbname=x'],
    ['{"user":"bob","password":"CAN\\"ARY","n":1}', '{"user":"bob","password":"REDACTED","n":1}'],
    ['body {\\"token\\":\\"CANARY\\"} end', 'body {\\"token\\":\\"REDACTED\\"} end'],
    ["{ apiKey: 'CANARY', id: 7 }", "{ apiKey: 'REDACTED', id: 7 }"],
    ['password: CANARY\nuser: bob', 'password: REDACTED\nuser: bob'],
    ['Cookie: a=CANARY; b=CANARY\nHost: x', 'Cookie: REDACTED\nHost: x'],
    ['mail to CANARY.name+x@example.co.uk bounced', 'mail to REDACTED bounced'],
    ['card 4111 1111 1111 1111 declined', 'card REDACTED declined'],
    ['token ghp_CANARYCANARYCANARYCANARY00', 'token REDACTED'],
    ['stripe sk_live_CANARY00CANARY00', 'stripe REDACTED'],
    ['-----BEGIN RSA PRIVATE KEY-----\nCANARY\n-----END RSA PRIVATE KEY----- x', 'REDACTED x'],
  ])('%j → %j', (given, clean) => {
    expect(text(given)).toBe(clean);
    expect(text(clean)).toBe(clean);
  });

  test.each([
    'Unexpected token: } in JSON at position 4',
    'connect ECONNREFUSED 127.0.0.1:5432 (code=ECONNREFUSED)',
    'Basic authentication required',
    'Bearer token missing',
    'duplicate key value violates unique constraint "orders_pkey"',
    '    at run (/app/node_modules/.pnpm/pg@8.23.1/node_modules/pg/lib/client.js:12:3)',
    'order 4111111111111112 not found at 1700000000000',
    'secretary said: hello',
    'keyboard=1 monkey=2',
  ])('%j stays the same string', (given) => {
    expect(text(given)).toBe(given);
  });

  test('is cut where no reader gets to, so that a huge value costs little', () => {
    expect(text(`password=CANARY ${'x'.repeat(5_000_000)}`).length).toBeLessThan(33_000);
  });
});

describe('a span', () => {
  test('has its URLs, secret keys, lists and nested values cleaned', () => {
    expect(
      attributesAfter({
        'url.full': 'https://a.test/?token=CANARY#CANARY',
        'url.query': '?sig=CANARY',
        'url.path': '/a;jsessionid=CANARY',
        'url.fragment': 'CANARY',
        'http.url': 'https://u:CANARY@a.test/',
        'http.target': '/x?password=CANARY',
        'http.request.header.authorization': ['Bearer CANARY'],
        'http.request.header.x-api-key': ['CANARY'],
        'http.response.header.set-cookie': ['a=CANARY'],
        'http.response.header.location': ['https://a.test/?code=CANARY'],
        'app.user.password': 'CANARY',
        stripeSecret: 'CANARY',
        'github-token': 'CANARY',
        'db.query.text': "SELECT 'CANARY'",
        'db.statement': 'SELECT "CANARY"',
        'db.system.name': 'mysql',
        payload: { user: { Password: 'CANARY', name: 'bob' }, list: ['Bearer CANARY00', 7] },
        pin: 1234,
        password: 1234,
      }),
    ).toEqual({
      'url.full': 'https://a.test/?token=REDACTED',
      'url.query': '?sig=REDACTED',
      'url.path': '/a;jsessionid=REDACTED',
      'url.fragment': 'REDACTED',
      'http.url': 'https://REDACTED:REDACTED@a.test/',
      'http.target': '/x?password=REDACTED',
      'http.request.header.authorization': ['REDACTED'],
      'http.request.header.x-api-key': ['REDACTED'],
      'http.response.header.set-cookie': ['REDACTED'],
      'http.response.header.location': ['https://a.test/?code=REDACTED'],
      'app.user.password': 'REDACTED',
      stripeSecret: 'REDACTED',
      'github-token': 'REDACTED',
      'db.query.text': 'SELECT ?',
      'db.statement': 'SELECT ?',
      'db.system.name': 'mysql',
      payload: { user: { Password: 'REDACTED', name: 'bob' }, list: ['Bearer REDACTED', 7] },
      pin: 1234,
      password: 'REDACTED',
    });
  });

  test('keeps what only sounds like a secret', () => {
    const attributes = {
      'gen_ai.usage.output_tokens': 512,
      'gen_ai.token.type': 'input',
      'session.id': 'abc',
      'user.email': 'sent-by-the-app',
      'aws.secretsmanager.secret.arn': 'arn:aws:x',
      has_token: true,
      'code.function.name': 'pay',
      'error.type': 'ECONNREFUSED',
      'server.address': 'a.test',
    };
    expect(attributesAfter({ ...attributes })).toEqual(attributes);
  });

  test('has name, status, events and links cleaned', () => {
    const error = 'Error: postgres://u:CANARY@h/ refused\n    at x (/a.js:1:2)';
    const clean = redactSpan(
      span({
        name: 'GET /?token=CANARY',
        status: { code: SpanStatusCode.ERROR, message: 'Bearer CANARY00 refused' },
        events: [{ name: 'exception', attributes: { 'exception.message': error, 'exception.stacktrace': error } }],
        links: [{ attributes: { token: 'CANARY' } }],
      }),
    );
    expect(JSON.stringify(clean)).not.toContain('CANARY');
    expect(clean.status.message).toBe('Bearer REDACTED refused');
    expect(clean.events[0]?.attributes?.['exception.stacktrace']).toContain('at x (/a.js:1:2)');
  });

  test('hides the names that the user adds, in keys, queries and texts', () => {
    const redact = createSpanRedactor({ keys: ['iban', 'x-customer', 'app.inner'] });
    expect(
      attributesAfter(
        {
          iban: 'CANARY',
          'user.IBAN': 'CANARY',
          X_Customer: 'CANARY',
          'app.inner': 'CANARY',
          'url.full': '/?iban=CANARY',
          note: 'iban=CANARY x',
        },
        redact,
      ),
    ).toEqual({
      iban: 'REDACTED',
      'user.IBAN': 'REDACTED',
      X_Customer: 'REDACTED',
      'app.inner': 'REDACTED',
      'url.full': '/?iban=REDACTED',
      note: 'iban=REDACTED x',
    });
  });

  test('is the same object with the same values when there is nothing to hide', () => {
    const attributes = Object.freeze({
      'url.full': 'https://a.test/?x=1',
      note: 'all well',
      list: Object.freeze(['a']),
    });
    const given = span({ attributes, events: Object.freeze([]), status: Object.freeze({ code: 0 }) });
    expect(redactSpan(given)).toBe(given);
    expect(given.attributes).toBe(attributes);
  });

  test.each([
    ['frozen attributes', { attributes: Object.freeze({ token: 'CANARY' }) }],
    [
      'a throwing getter',
      {
        attributes: {
          get a(): string {
            throw new Error('CANARY');
          },
        },
      },
    ],
    ['no events', { attributes: { token: 'CANARY' }, events: undefined }],
  ])('with %s never throws and lets nothing through', (_, parts) => {
    const clean = redactSpan(span(parts));
    expect(JSON.stringify([clean.name, clean.attributes, clean.events, clean.status])).not.toContain('CANARY');
  });

  test('nested without end is cut', () => {
    const deep: Record<string, unknown> = {};
    let at = deep;
    for (let i = 0; i < 10_000; i += 1) {
      at.in = {};
      at = at.in as Record<string, unknown>;
    }
    at.password = 'CANARY';
    expect(JSON.stringify(attributesAfter({ deep }))).not.toContain('CANARY');
  });
});

describe('whatever the words', () => {
  // A small generator with a fixed seed: the same 2,000 cases on every run.
  let seed = 42;
  const next = (bound: number) => {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff;
    return seed % bound;
  };
  const pick = <T>(list: T[]): T => list[next(list.length)] as T;
  const plain = ['page', 'q', 'sort', 'filter[name]', 'limit', 'a.b', 'ids[]', 'x%20y'];
  const secrets = [
    'token',
    'Access_Token',
    'sig',
    '%73ig',
    'user[password]',
    'API-KEY',
    'x-amz-signature',
    'jwt',
    'code',
  ];
  const values = ['1', '', 'a%20b', '%zz', 'ü', 'a+b', 'x'.repeat(50), '-1.5'];
  const makeUrl = () => {
    const kept: string[] = [];
    const parameters = Array.from({ length: next(6) }, () => {
      if (next(2) === 0) return `${pick(secrets)}=CANARY${next(1000)}`;
      const one = `${pick(plain)}=${pick(values)}`;
      kept.push(one);
      return one;
    });
    return { kept, url: `https://a.test/${pick(['', 'x', 'x/y', 'x;v=1/y'])}?${parameters.join('&')}` };
  };

  test('redaction is idempotent, leaves no secret, and keeps every other parameter as it was', () => {
    for (let i = 0; i < 2_000; i += 1) {
      const { url, kept } = makeUrl();
      const clean = urls.url(url);
      expect(clean).not.toContain('CANARY');
      expect(urls.url(clean)).toBe(clean);
      expect(text(clean)).toBe(clean);
      for (const one of kept) expect(clean).toContain(one);
      expect(text(`request to ${url} failed`)).not.toContain('CANARY');
    }
  });

  test.each([
    ['equals', '='.repeat(32_000)],
    ['colons', 'password:'.repeat(3_500)],
    ['quotes', 'password="'.repeat(3_200)],
    ['at signs', 'a@'.repeat(16_000)],
    ['dots after at', `a@${'b.'.repeat(16_000)}`],
    ['a long word', `token ${'x'.repeat(32_000)}`],
    ['digits', '4'.repeat(32_000)],
    ['spaced digits', '4 '.repeat(16_000)],
    ['bearers', 'bearer '.repeat(4_500)],
    ['key openers', '-----BEGIN PRIVATE KEY-----'.repeat(1_100)],
    ['schemes', 'https://'.repeat(4_000)],
    ['percent signs', '%25'.repeat(10_000)],
    ['query', `?${'token=%2525&'.repeat(2_600)}`],
    ['brackets', '[token]='.repeat(4_000)],
  ])('32 KB of %s take well under 50 ms', (_, hostile) => {
    text(hostile);
    urls.url(hostile);
    const started = performance.now();
    text(hostile);
    urls.url(`https://a.test/${hostile}`);
    urls.query(hostile);
    expect(performance.now() - started).toBeLessThan(50);
  });
});
