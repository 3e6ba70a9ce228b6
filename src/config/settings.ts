/** What the rest of the house may read: one field per setting, already parsed, checked and defaulted. */
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';

export type SamplerName =
  | 'always_on'
  | 'always_off'
  | 'traceidratio'
  | 'parentbased_always_on'
  | 'parentbased_always_off'
  | 'parentbased_traceidratio';
export type PropagatorName = 'tracecontext' | 'baggage' | 'b3' | 'b3multi';
export type OtlpProtocol = 'http/protobuf' | 'http/json' | 'grpc';
/** What is said about one route. `path` is exact, or a prefix ending in `*`; the first rule that fits counts. */
export interface RouteRule {
  path: string;
  /** Milliseconds at which a request of this route is slow; `off` where long is normal. Default: the setting `slowMs`. */
  slowMs?: number | 'off' | undefined;
  /** `always` keeps every trace that comes through here, `never` keeps none for reasons of this process. */
  keep?: 'always' | 'never' | undefined;
}
/** Under which names trace ids stand on log lines. */
export type LogCorrelation = 'otel' | 'ecs' | 'datadog' | 'google' | 'off';
export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug' | 'verbose' | 'all';

/** Limits of one span, from `OTEL_*_LIMIT`. Counts are numbers of entries, `attributeValueLength` is in characters. */
export interface SpanLimitSettings {
  attributeValueLength: number;
  attributeCount: number;
  eventCount: number;
  linkCount: number;
  attributesPerEvent: number;
  attributesPerLink: number;
}

/** Batches on disk. Without `dir` there are none. */
export interface SpoolSettings {
  /** An absolute path. */
  dir: string | undefined;
  /** MiB, of all processes that share `dir`. */
  maxMb: number;
  /** `write-ahead`: every batch is on disk before it is sent. */
  mode: 'overflow' | 'write-ahead';
  /** `always`: and has reached the disk itself. */
  sync: 'never' | 'always';
}

/** Every effective setting. `Settings` is data: nothing in it is a live object except what the user handed in code. */
export interface Settings {
  /** False when `OTEL_SDK_DISABLED=true`. */
  enabled: boolean;
  serviceName: string;
  serviceVersion: string | undefined;
  /** `deployment.environment.name`. */
  environment: string | undefined;
  /** True when `environment` or `NODE_ENV` is `production` or `prod`: statement texts stay out, the ratio defaults to 0.1. */
  production: boolean;
  /** From code and `OTEL_RESOURCE_ATTRIBUTES`, without the three above. */
  resourceAttributes: Record<string, string>;
  /** `env`, `host`, `os`, `process`, `serviceinstance` – which parts of the resource are filled in. */
  resourceDetectors: string[];
  sampler: SamplerName;
  /** 0…1, used by the ratio samplers. */
  sampleRatio: number;
  propagators: PropagatorName[];
  keepErrors: boolean;
  /** Milliseconds; undefined: nothing is slow. */
  slowMs: number | undefined;
  /** Traces a second; undefined: no limit. */
  keepBudget: number | undefined;
  /** MiB. */
  bufferMb: number;
  spansPerTrace: number;
  /** Milliseconds. */
  retentionMs: number;
  /** Addresses and CIDR ranges, checked. */
  trustIncoming: 'all' | 'none' | readonly string[];
  slowDeadline: boolean;
  /** Code only. */
  routes: RouteRule[];
  exporter: 'otlp' | 'console' | 'none';
  /** Full URL that traces are posted to (for grpc: the origin). Empty when `usable` is false: there is nowhere to send to. */
  endpoint: string;
  protocol: OtlpProtocol;
  /** Values may be secrets: never print them. */
  headers: Record<string, string>;
  compression: 'none' | 'gzip';
  /** For grpc only: an endpoint written without a scheme is plain text instead of TLS. `endpoint` already reflects it. */
  insecure: boolean;
  /** Endpoint safety checks are off, see docs/configuration.md. */
  allowUnsafeEndpoint: boolean;
  /** Deadline of one export request in milliseconds: the shorter of `OTEL_EXPORTER_OTLP_[TRACES_]TIMEOUT` and `OTEL_BSP_EXPORT_TIMEOUT`. */
  exportTimeoutMs: number;
  /** PEM file paths. */
  certificateFile: string | undefined;
  clientKeyFile: string | undefined;
  clientCertificateFile: string | undefined;
  /** Spans; 0 < batchSize ≤ queueSize. */
  queueSize: number;
  batchSize: number;
  /** Milliseconds between two batches. */
  batchDelayMs: number;
  spanLimits: SpanLimitSettings;
  spool: SpoolSettings;
  /** Short names (`http`, `undici`, `pg`, `aws-sdk`, …); undefined means all that keeptrace ships. */
  enabledInstrumentations: string[] | undefined;
  disabledInstrumentations: string[];
  /** Exact paths, or a prefix ending in `*`; compared without the query. */
  ignorePaths: string[];
  /** Record root spans of database and queue pollers that run outside any request. */
  backgroundSpans: boolean;
  /** Redaction on or off, and further key names whose values are hidden. */
  redact: boolean;
  redactKeys: string[];
  /** A span for each message of a batch. */
  messageSpans: boolean;
  /** Names of baggage that messages may carry, each with `:` and a destination where it is for that one only. */
  messageBaggage: string[];
  logCorrelation: LogCorrelation;
  logConsole: boolean;
  shutdownTimeoutMs: number;
  /** Most that `process.exit()` and a crash may be delayed, in milliseconds; `KEEPTRACE_EXIT_TIMEOUT_MS`. */
  exitTimeoutMs: number;
  logLevel: LogLevel;
  lifeLines: boolean;
  /** Code only. */
  instrumentations: Instrumentation[];
  spanProcessors: SpanProcessor[];
  spanExporter: SpanExporter | undefined;
}
