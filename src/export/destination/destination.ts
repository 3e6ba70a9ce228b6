// Picks the destination that the settings name: OTLP over HTTP by ourselves, all else through an official exporter.
import { createRequire } from 'node:module';
import { ConsoleSpanExporter, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { Destination } from './destination-contract.ts';
import { DestinationError } from './destination-error.ts';
import { createExporterDestination } from './exporter-destination.ts';
import { createOtlpDestination } from './otlp-destination.ts';
import { readTlsFiles, type TlsPaths, watchTlsFiles } from './tls-files.ts';

export interface DestinationSettings extends TlsPaths {
  exporter: 'otlp' | 'console' | 'none';
  endpoint: string;
  protocol: 'http/protobuf' | 'http/json' | 'grpc';
  headers: Record<string, string>;
  compression: 'none' | 'gzip';
  exportTimeoutMs: number;
  /** The user's own; wins over `exporter`. */
  spanExporter: SpanExporter | undefined;
  /** Hides secrets in what servers and exporters say before it is printed. Credentials in URLs and after `Bearer` always are. */
  redactText?: ((text: string) => string) | undefined;
}

/** @throws DestinationError with whole sentences for the user: a TLS file cannot be read, or the gRPC exporter is not installed */
export function createDestination(settings: DestinationSettings): Destination {
  const { exporter, endpoint, protocol, headers, compression, exportTimeoutMs, spanExporter, redactText } = settings;
  const common = { exportTimeoutMs, redactText };
  if (spanExporter) return createExporterDestination(spanExporter, { label: 'the span exporter', ...common });
  if (exporter === 'none') return nowhere;
  if (exporter === 'console') {
    return createExporterDestination(new ConsoleSpanExporter(), { label: 'the console exporter', ...common });
  }
  const tls = readTlsFiles(settings);
  if (protocol === 'grpc') {
    const grpc = loadGrpcExporter(settings, tls);
    return createExporterDestination(grpc, { label: labelOf(endpoint), secrets: Object.values(headers), ...common });
  }
  const userAgent = `keeptrace/${__VERSION__}`;
  const renewTls = watchTlsFiles(settings);
  return createOtlpDestination({ url: endpoint, protocol, headers, compression, tls, renewTls, userAgent, ...common });
}

const nowhere: Destination = {
  label: 'nowhere',
  unanswered: { code: 'none', what: 'nothing is exported', fix: 'Set OTEL_TRACES_EXPORTER.' },
  discards: true,
  seal: () => ({ sealed: [], poisoned: 0 }),
  send: async () => ({ kind: 'accepted', rejected: 0 }),
  close: async () => {},
};

type GrpcExporter = typeof import('@opentelemetry/exporter-trace-otlp-grpc');
type Grpc = typeof import('@grpc/grpc-js');

/** An optional peer: 20 packages and an install script that most services do not need. */
function loadGrpcExporter(
  { endpoint, headers, compression, exportTimeoutMs }: DestinationSettings,
  { ca, key, cert }: ReturnType<typeof readTlsFiles>,
): SpanExporter {
  const require = createRequire(import.meta.url);
  let OTLPTraceExporter: GrpcExporter['OTLPTraceExporter'];
  let grpc: Grpc;
  try {
    ({ OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-grpc') as GrpcExporter);
    grpc = require('@grpc/grpc-js') as Grpc;
  } catch (error) {
    throw new DestinationError(
      `The protocol grpc needs two packages that cannot be loaded (${codeOf(error)}). Run: npm install @opentelemetry/exporter-trace-otlp-grpc@0.301 @grpc/grpc-js, or choose the protocol http/protobuf.`,
    );
  }
  const metadata = new grpc.Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const credentials = endpoint.startsWith('https:')
    ? grpc.credentials.createSsl(ca ?? null, key ?? null, cert ?? null)
    : grpc.credentials.createInsecure();
  return new OTLPTraceExporter({
    url: endpoint,
    metadata,
    credentials,
    timeoutMillis: exportTimeoutMs,
    compression: compression as never,
  });
}

function labelOf(endpoint: string): string {
  if (!URL.canParse(endpoint)) return 'the collector';
  const { origin, host, protocol } = new URL(endpoint);
  return origin === 'null' ? `${protocol}//${host}` : origin;
}

/** `MODULE_NOT_FOUND`, or how else they fail. */
function codeOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  return code ?? name;
}
