// F38: settings that cannot be right.
import { emit, type Job } from './emit.ts';
import { type Gate, gate, ownLines } from './gates.ts';
import type { Row, Variant } from './row.ts';

/** Each cannot be sent to; falling back to a default would send the spans to somebody else. */
const ENDPOINTS: readonly string[] = [
  'not a url',
  'http://',
  'http://[::1',
  'http://127.0.0.1:99999',
  'http://127.0.0.1:-1',
  'http://127.0.0.1:port',
  'ftp://127.0.0.1:4318',
  'file:///etc/passwd',
  'javascript:alert(1)',
  'unix:///var/run/otel.sock',
  '//127.0.0.1:4319',
  ':4318',
  'http:/127.0.0.1',
  'http//127.0.0.1',
  'htp://127.0.0.1',
  'http://user:secret@127.0.0.1:1',
  'http://exa mple.test',
  'http://%zz.test',
  'http://169.254.169.254/latest/meta-data',
  'http://[fe80::1]:4318',
  'http://metadata.google.internal',
  'http://0x7f.1:abc',
  'http://127.0.0.1:4318:4318',
  'http://?',
  'http://#',
  'data:text/plain,hello',
  'ws://127.0.0.1:4318',
  '"http://127.0.0.1:1"x',
  'http://127.0.0.1:1\r\nx: y',
  '[object Object]',
];

const job = (env: Record<string, string>): Job => ({
  work: { kind: 'burst', spans: 10 },
  end: { kind: 'natural' },
  env,
  unscaled: true,
  cutMs: 30_000,
});

const isDefault = (address: string) => /^(localhost|127\.0\.0\.1|\[?::1\]?):4318$/.test(address);

const refused = (name: string, env: Record<string, string>, says: RegExp, more: Partial<Variant> = {}): Variant => ({
  name,
  seconds: 2,
  ...more,
  run: async (setting) => {
    const measured = await emit(setting, job(env));
    const lines = ownLines(measured).filter((line) => says.test(line));
    const connects = measured.report?.connects ?? [];
    const gates: Gate[] = [
      gate(`${lines.length} lines about it: ${lines[0]}`, lines.length === 1),
      gate(`connects to ${connects.join(', ') || 'nothing'}`, !connects.some(isDefault)),
      gate(`no secret in it`, !measured.stderr.includes('secret')),
      gate(`the app ended with ${measured.exit.code}`, measured.exit.code === 0),
    ];
    return gates;
  },
});

export const configRows: Row[] = [
  {
    id: 'F38',
    goal: 'bad settings: one clear line, the app unaffected, no fallback to localhost',
    variants: [
      ...ENDPOINTS.map((endpoint, n) =>
        refused(
          `endpoint ${JSON.stringify(endpoint)}`,
          { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint },
          /OTEL_EXPORTER_OTLP_ENDPOINT=/,
          n % 6 === 0 ? {} : { fullOnly: true },
        ),
      ),
      refused('a line break in a header', { OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret%0d%0ay: z' }, /HEADERS/),
      refused('a certificate that is not there', { OTEL_EXPORTER_OTLP_CERTIFICATE: '/nowhere/ca.pem' }, /CERTIFICATE/),
      refused('a protocol that does not exist', { OTEL_EXPORTER_OTLP_PROTOCOL: 'smoke' }, /PROTOCOL/),
    ],
  },
];
