import { describe, expect, test } from 'vitest';
import { createSecretNames } from '../../src/span/redact-names.ts';
import { createTextRedactor } from '../../src/span/redact-text.ts';

const text = createTextRedactor(createSecretNames());

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
