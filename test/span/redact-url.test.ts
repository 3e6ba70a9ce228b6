import { describe, expect, test } from 'vitest';
import { createSecretNames } from '../../src/span/redact-names.ts';
import { createTextRedactor } from '../../src/span/redact-text.ts';
import { createUrlRedactor } from '../../src/span/redact-url.ts';

const names = createSecretNames();
const text = createTextRedactor(names);
const urls = createUrlRedactor(names, text);

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
    [
      'https://hooks.slack.com/services/T00000000/B00000000/CANARYCANARYCANARY00?x=1',
      'https://hooks.slack.com/services/REDACTED?x=1',
    ],
    [
      'https://shop.test/a?pass=CANARY&pw=CANARY&otp=123456',
      'https://shop.test/a?pass=REDACTED&pw=REDACTED&otp=REDACTED',
    ],
  ])('%s → %s', (url, clean) => {
    expect(urls.url(url)).toBe(clean);
    expect(urls.url(clean)).toBe(clean);
  });

  test.each([
    'https://shop.test/',
    'https://shop.test/orders/17?page=2&sort=-created&q=a%20b+c&empty=&bare&=x',
    'https://shop.test/orders?keyboard=1&tokens=5&monkey=x&encode=utf8&author=bob&state=CA',
    'https://shop.test/a?next=%2Forders%2F17',
    'https://shop.test/a?max_token=512',
    'http://[::1]:8080/a?b=c',
    '*',
    '',
    'not a url',
  ])('%s stays the same string', (url) => {
    expect(urls.url(url)).toBe(url);
  });

  test('a path alone hides a webhook, too', () => {
    expect(urls.path('/services/T00000000/B00000000/CANARYCANARYCANARY00')).toBe('/services/REDACTED');
    expect(urls.path('/services/Tax/Belgium/rates')).toBe('/services/Tax/Belgium/rates');
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
