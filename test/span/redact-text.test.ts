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
    ['request 4111111111111111aa failed', 'request 4111111111111111aa failed'],
    ['token ghp_CANARYCANARYCANARYCANARY00', 'token REDACTED'],
    ['stripe sk_live_CANARY00CANARY00', 'stripe REDACTED'],
    ['openai sk-proj-CANARY_CANARY-00 and sk-ant-api03-CANARY00', 'openai REDACTED and REDACTED'],
    ['npm npm_CANARYCANARYCANARYCANARYCANARYCANARY', 'npm REDACTED'],
    ['gitlab glpat-CANARY-CANARY00CANARY', 'gitlab REDACTED'],
    ['mail SG.CANARYCANARYCANARYCANA.CANARYCANARYCANARYCANARYCANARYCANARYCANARYC', 'mail REDACTED'],
    ['google ya29.a0CANARY_CANARY-CANARY', 'google REDACTED'],
    [
      'POST https://hooks.slack.com/services/T00000000/B00000000/CANARYCANARYCANARY00 failed',
      'POST https://hooks.slack.com/services/REDACTED failed',
    ],
    ['Api-Key CANARY0 sent', 'Api-Key REDACTED sent'],
    ['ApiKey CANARY.CANARY', 'ApiKey REDACTED'],
    ['exec: login --password CANARY --user bob', 'exec: login --password REDACTED --user bob'],
    ['exec: login --db-password "CAN ARY" x', 'exec: login --db-password REDACTED x'],
    ["deploy --api-token 'CAN ARY'", 'deploy --api-token REDACTED'],
    ['curl -u CANARY:CANARY https://a.test', 'curl -u REDACTED https://a.test'],
    ['curl -sSu "bob:CAN ARY" --user=bob:CANARY x', 'curl -sSu REDACTED --user=REDACTED x'],
    ['{:user=>"bob", :password=>"CANARY"}', '{:user=>"bob", :password=>"REDACTED"}'],
    ['{"token" => "CANARY"}', '{"token" => "REDACTED"}'],
    ['<login><password>CANARY</password><n>1</n></login>', '<login><password>REDACTED</password><n>1</n></login>'],
    ['<ns:apiKey type="x">CANARY</ns:apiKey>', '<ns:apiKey type="x">REDACTED</ns:apiKey>'],
    ['<secret><![CDATA[CANARY]]></secret>', '<secret>REDACTED</secret>'],
    ['pass=CANARY pw=CANARY otp=CANARY', 'pass=REDACTED pw=REDACTED otp=REDACTED'],
    ['pw: CANARY', 'pw: REDACTED'],
    ['AccountName=a;AccountKey=CANARY/CAN+ARY==;Suffix=x', 'AccountName=a;AccountKey=REDACTED;Suffix=x'],
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
    'git clone git@github.com:acme/shop.git failed',
    'max_token=512 total_tokens=600 {"usage":{"total_tokens":600,"max_token":512}}',
    '<max_token>512</max_token>',
    'option --password is required',
    'expected <token> but got <eof>',
    'Api-Key header missing',
    'token => check(token)',
    'docker run -u 1000:1000 password-service',
    'disk-io npm_config_registry msg.length',
  ])('%j stays the same string', (given) => {
    expect(text(given)).toBe(given);
  });

  test('is cut where no reader gets to, so that a huge value costs little', () => {
    expect(text(`password=CANARY ${'x'.repeat(5_000_000)}`).length).toBeLessThan(33_000);
  });
});
