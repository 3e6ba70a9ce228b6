import { type Attributes, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { createSpanRedactor } from '../../src/span/redact.ts';

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
        otp: 123456,
        'db.pass': 'CANARY',
        pw: 'CANARY',
        AccountKey: 'CANARY',
        max_token: 'CANARY',
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
      otp: 'REDACTED',
      'db.pass': 'REDACTED',
      pw: 'REDACTED',
      AccountKey: 'REDACTED',
      max_token: 'REDACTED',
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
      max_token: 512,
      'usage.total_token': 600,
      'usage.total_tokens': 600,
      usage: { prompt_token: 7, maxToken: 9 },
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
