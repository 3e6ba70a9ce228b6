import { describe, expect, test } from 'vitest';
import { createSecretNames } from '../../src/span/redact-names.ts';
import { createTextRedactor } from '../../src/span/redact-text.ts';
import { createUrlRedactor } from '../../src/span/redact-url.ts';
import { cpuMs } from '../support/cpu-time.ts';

const names = createSecretNames();
const text = createTextRedactor(names);
const urls = createUrlRedactor(names, text);

describe('whatever the words', () => {
  // A small generator with a fixed seed: the same 2,000 cases on every run.
  let seed = 42;
  const next = (bound: number) => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (seed >>> 8) % bound;
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
    ['flags', '--password '.repeat(2_900)],
    ['flags with quotes', `--password "`.repeat(2_600)],
    ['curl flags', `curl ${'-u a:'.repeat(6_000)}`],
    ['curl quotes', `curl ${"-u 'a:".repeat(5_000)}`],
    ['tags', '<password>'.repeat(3_200)],
    ['tags with spaces', '<password '.repeat(3_200)],
    ['open tags', `${'<password>x'.repeat(2_900)}</`],
    ['arrows', ':password=>"'.repeat(2_600)],
    ['token prefixes', 'sk-proj-'.repeat(4_000)],
    ['dotted prefixes', `SG.${'a'.repeat(32_000)}`],
    ['many dotted prefixes', 'SG.aaaaaaaaaaaa-'.repeat(2_000)],
    ['webhooks', '/services/T00000000/'.repeat(1_600)],
    ['counts', 'max_token=5 '.repeat(2_700)],
    ['brackets', '[token]='.repeat(4_000)],
  ])('32 KB of %s take well under 50 ms', (_, hostile) => {
    text(hostile);
    urls.url(hostile);
    // The best of a few, because the collector of garbage has a share in any single one.
    const times = Array.from({ length: 4 }, () =>
      cpuMs(() => {
        text(hostile);
        urls.url(`https://a.test/${hostile}`);
        urls.query(hostile);
      }),
    );
    expect(Math.min(...times)).toBeLessThan(50);
  });
});
