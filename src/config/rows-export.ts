// Settings that say where spans go and in which form.
import * as z from 'zod/mini';
import { readPairs } from './pairs.ts';
import type { Fault, Row } from './row.ts';
import { booleanRow, choiceRow, entriesOf, integerRow, textRow } from './row-kinds.ts';

const otlp = (name: string): readonly string[] => [`OTEL_EXPORTER_OTLP_TRACES_${name}`, `OTEL_EXPORTER_OTLP_${name}`];

const headers: Row<Record<string, string>> = {
  option: 'headers',
  env: otlp('HEADERS'),
  secret: true,
  about:
    'Headers of every export request, for instance an API key. The traces variable is laid over the general one, options over both.',
  example: 'x-api-key=YOUR_KEY',
  schema: z.record(
    z.string().check(z.regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/)),
    z.string().check(z.regex(/^[\t\x20-\x7e\x80-\xff]*$/)),
  ),
  fallback: {},
  defaultText: 'none',
  expected: 'name=value pairs separated by commas, with , ; and % inside a value written %2C %3B and %25',
  expectedInCode: 'an object whose names are header names and whose values are texts without line breaks',
  format: (value) => Object.keys(value).join(',') || 'none',
  read: (raw) => readPairs(raw, 'header'),
};

const NOT_SHIPPED = 'names an exporter that keeptrace does not ship; Zipkin, Jaeger and most backends accept OTLP';

const oneExporter = choiceRow({
  option: 'exporter',
  env: ['OTEL_TRACES_EXPORTER'],
  choices: ['otlp', 'console', 'none'],
  aliases: {
    stdout: 'console',
    stderr: 'console',
    logging: 'console',
    off: 'none',
    otlp_http: 'otlp',
    'otlp/http': 'otlp',
  },
  unsupported: Object.fromEntries(
    ['zipkin', 'jaeger', 'datadog', 'xray', 'prometheus'].map((name) => [name, NOT_SHIPPED]),
  ),
  fallback: 'otlp',
  about: 'Where spans go: an OTLP endpoint, the console, or nowhere (context is still propagated).',
  example: 'otlp',
});

/** The specification allows a list; one pipeline serves one of them, and `none` beside others means none. */
const exporter: typeof oneExporter = {
  ...oneExporter,
  read(raw) {
    const entries = entriesOf(raw);
    if (entries.length < 2) return oneExporter.read(entries[0] ?? raw);
    const readings = entries.map((entry) => oneExporter.read(entry));
    const named = readings.map(({ value }) => value);
    const value = (['none', 'otlp', 'console'] as const).find((name) => named.includes(name));
    const several: Fault = {
      code: 'KT_UNSUPPORTED',
      why: 'names several exporters, of which keeptrace uses one',
      better: value,
    };
    return { value, faults: [several] };
  },
};

export const exportRows = {
  exporter,
  endpoint: textRow({
    option: 'endpoint',
    env: otlp('ENDPOINT'),
    fallback: 'http://localhost:4318/v1/traces',
    defaultText: '`http://localhost:4318/v1/traces`, for grpc `http://localhost:4317`',
    expected: 'one http:// or https:// address',
    about:
      'The OTLP endpoint. The general variable is a base to which `v1/traces` is added; the traces variable is used as it is; the option may be either.',
    example: 'http://localhost:4318',
  }),
  protocol: choiceRow({
    option: 'protocol',
    env: otlp('PROTOCOL'),
    choices: ['http/protobuf', 'http/json', 'grpc'],
    aliases: {
      http: 'http/protobuf',
      https: 'http/protobuf',
      protobuf: 'http/protobuf',
      proto: 'http/protobuf',
      json: 'http/json',
      'grpc/protobuf': 'grpc',
    },
    fallback: 'http/protobuf',
    about:
      'The encoding of export requests. `grpc` needs `@opentelemetry/exporter-trace-otlp-grpc` and `@grpc/grpc-js` installed beside keeptrace.',
    example: 'http/protobuf',
  }),
  headers,
  compression: choiceRow({
    option: 'compression',
    env: otlp('COMPRESSION'),
    choices: ['none', 'gzip'],
    aliases: { gz: 'gzip', zip: 'gzip', deflate: 'gzip', zstd: 'gzip', true: 'gzip', off: 'none', false: 'none' },
    fallback: 'none',
    about: 'Compression of export requests.',
    example: 'gzip',
  }),
  exportTimeoutMs: integerRow({
    option: 'exportTimeoutMs',
    env: otlp('TIMEOUT'),
    unit: 'milliseconds',
    min: 1,
    max: 600_000,
    fallback: 10_000,
    about: 'Deadline of one export request. A shorter `OTEL_BSP_EXPORT_TIMEOUT` shortens it.',
    example: '10000',
  }),
  insecure: booleanRow({
    option: 'insecure',
    env: otlp('INSECURE'),
    fallback: false,
    about: 'For grpc with an endpoint that has no scheme: plain text instead of TLS.',
    example: 'true',
  }),
  certificateFile: textRow({
    option: 'certificateFile',
    env: otlp('CERTIFICATE'),
    fallback: undefined,
    defaultText: 'the certificate authorities of Node.js',
    expected: 'the path of a readable PEM file',
    about: 'PEM file with the certificate authority of the endpoint.',
    example: '/etc/otel/ca.pem',
  }),
  clientKeyFile: textRow({
    option: 'clientKeyFile',
    env: otlp('CLIENT_KEY'),
    fallback: undefined,
    defaultText: 'none',
    expected: 'the path of a readable PEM file',
    about: 'PEM file with the private key for mutual TLS.',
    example: '/etc/otel/client.key',
  }),
  clientCertificateFile: textRow({
    option: 'clientCertificateFile',
    env: otlp('CLIENT_CERTIFICATE'),
    fallback: undefined,
    defaultText: 'none',
    expected: 'the path of a readable PEM file',
    about: 'PEM file with the certificate for mutual TLS.',
    example: '/etc/otel/client.pem',
  }),
  allowUnsafeEndpoint: booleanRow({
    option: 'allowUnsafeEndpoint',
    env: ['KEEPTRACE_ALLOW_UNSAFE_ENDPOINT'],
    fallback: false,
    about:
      'Lets spans go to link-local and cloud-metadata addresses, and credentials over plain http to another machine.',
    example: 'true',
  }),
};
