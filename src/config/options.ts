// What `initTracing` takes. Every option is optional and wins over the variable named beside it.
import type { Instrumentation } from '@opentelemetry/instrumentation';
import type { SpanExporter, SpanProcessor } from '@opentelemetry/sdk-trace';
import type {
  LogCorrelation,
  LogLevel,
  OtlpProtocol,
  PropagatorName,
  RouteRule,
  SamplerName,
  Settings,
  SpanLimitSettings,
  SpoolSettings,
} from './settings.ts';

export interface TracingOptions {
  /** False leaves the application untraced. `OTEL_SDK_DISABLED=true` says the same. Default true. */
  enabled?: boolean | undefined;
  /** `OTEL_SERVICE_NAME`. Default: the name in package.json, with a warning. */
  serviceName?: string | undefined;
  /** `service.version` in `OTEL_RESOURCE_ATTRIBUTES`. Default: the version in package.json. */
  serviceVersion?: string | undefined;
  /** `deployment.environment.name` in `OTEL_RESOURCE_ATTRIBUTES`. Default: `NODE_ENV`. */
  environment?: string | undefined;
  /** `OTEL_RESOURCE_ATTRIBUTES`, over which these are laid key by key. */
  resourceAttributes?: Readonly<Record<string, string>> | undefined;
  /** `OTEL_NODE_RESOURCE_DETECTORS`: `env`, `host`, `os`, `process`, `serviceinstance`. Default: all. */
  resourceDetectors?: readonly string[] | undefined;
  /** `OTEL_TRACES_SAMPLER`. Default `parentbased_traceidratio`. */
  sampler?: SamplerName | undefined;
  /** `OTEL_TRACES_SAMPLER_ARG`, 0 to 1. Default 0.1 in production, else 1. */
  sampleRatio?: number | undefined;
  /** `OTEL_PROPAGATORS`. Default `['tracecontext', 'baggage']`; an empty array switches propagation off. */
  propagators?: readonly PropagatorName[] | undefined;
  /** Keeps every trace with an error in this process. `KEEPTRACE_KEEP_ERRORS`. Default true. */
  keepErrors?: boolean | undefined;
  /** Milliseconds from which a running request is slow and its trace kept, or `off`. `KEEPTRACE_SLOW_MS`. Default 1000. */
  slowMs?: number | 'off' | undefined;
  /** Traces a second kept for reasons of this process, or `off`. `KEEPTRACE_KEEP_BUDGET`. Default 100. */
  keepBudget?: number | 'off' | undefined;
  /** MiB for ended spans of undecided traces. `KEEPTRACE_BUFFER_MB`. Default 64. */
  bufferMb?: number | undefined;
  /** Ended spans of one undecided trace. `KEEPTRACE_BUFFER_SPANS_PER_TRACE`. Default 2000. */
  spansPerTrace?: number | undefined;
  /** Milliseconds that an ended, undecided trace stays within reach. `KEEPTRACE_RETENTION_MS`. Default 0. */
  retentionMs?: number | undefined;
  /** Whose sampled flag and keep signal count: addresses and CIDR ranges. `KEEPTRACE_TRUST_INCOMING`. Default `all`. */
  trustIncoming?: 'all' | 'none' | readonly string[] | undefined;
  /** Tells callees when the request turns slow. `KEEPTRACE_SLOW_DEADLINE`. Default false. */
  slowDeadline?: boolean | undefined;
  /** Rules for single routes, the first that fits counts: `[{ path: '/export*', slowMs: 'off' }]`. Default none. */
  routes?: readonly RouteRule[] | undefined;
  /** `OTEL_TRACES_EXPORTER`. Default `otlp`. */
  exporter?: 'otlp' | 'console' | 'none' | undefined;
  /**
   * `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`, `OTEL_EXPORTER_OTLP_ENDPOINT`: an http or https address; one without a path
   * gets `/v1/traces`. Default `http://localhost:4318/v1/traces`, for grpc `http://localhost:4317`.
   */
  endpoint?: string | undefined;
  /** `OTEL_EXPORTER_OTLP_[TRACES_]PROTOCOL`. Default `http/protobuf`. */
  protocol?: OtlpProtocol | undefined;
  /** `OTEL_EXPORTER_OTLP_[TRACES_]HEADERS`, over which these are laid name by name. Values are never printed. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** `OTEL_EXPORTER_OTLP_[TRACES_]COMPRESSION`. Default `none`. */
  compression?: 'none' | 'gzip' | undefined;
  /** Milliseconds for one export request. `OTEL_EXPORTER_OTLP_[TRACES_]TIMEOUT`, `OTEL_BSP_EXPORT_TIMEOUT`. Default 10,000. */
  exportTimeoutMs?: number | undefined;
  /** For grpc with an endpoint that has no scheme: plain text. `OTEL_EXPORTER_OTLP_[TRACES_]INSECURE`. Default false. */
  insecure?: boolean | undefined;
  /** PEM file of the endpoint's certificate authority. `OTEL_EXPORTER_OTLP_[TRACES_]CERTIFICATE`. */
  certificateFile?: string | undefined;
  /** PEM file, mutual TLS. `OTEL_EXPORTER_OTLP_[TRACES_]CLIENT_KEY`. */
  clientKeyFile?: string | undefined;
  /** PEM file, mutual TLS. `OTEL_EXPORTER_OTLP_[TRACES_]CLIENT_CERTIFICATE`. */
  clientCertificateFile?: string | undefined;
  /** Switches the endpoint safety checks off. `KEEPTRACE_ALLOW_UNSAFE_ENDPOINT`. Default false. */
  allowUnsafeEndpoint?: boolean | undefined;
  /** Ended spans waiting for export. `OTEL_BSP_MAX_QUEUE_SIZE`. Default 2048. */
  queueSize?: number | undefined;
  /** Most spans in one export request. `OTEL_BSP_MAX_EXPORT_BATCH_SIZE`. Default 512. */
  batchSize?: number | undefined;
  /** Milliseconds before a batch that is not full is sent. `OTEL_BSP_SCHEDULE_DELAY`. Default 1000. */
  batchDelayMs?: number | undefined;
  /**
   * Folder for batches that memory cannot hold: `spool: '/var/spool/keeptrace'`, or with `maxMb` (MiB, default 64), `mode`
   * (`overflow`, or `write-ahead`: every batch before it is sent) and `sync` (`never`, or `always`: survives a power failure).
   * `KEEPTRACE_SPOOL_DIR`, `KEEPTRACE_SPOOL_MB`, `KEEPTRACE_SPOOL_MODE`, `KEEPTRACE_SPOOL_SYNC`. Default: none.
   */
  spool?: string | { readonly [Name in keyof SpoolSettings]?: SpoolSettings[Name] | undefined } | undefined;
  /** `OTEL_SPAN_*_LIMIT`, `OTEL_ATTRIBUTE_*_LIMIT`. Default 128 of each, texts of 8192 characters. */
  spanLimits?: { readonly [Name in keyof SpanLimitSettings]?: number | undefined } | undefined;
  /** `OTEL_NODE_ENABLED_INSTRUMENTATIONS`: `http`, `undici`, `pg`, `aws-sdk`, `fastify`, or any that is installed. Default: all of ours. */
  enabledInstrumentations?: readonly string[] | undefined;
  /** `OTEL_NODE_DISABLED_INSTRUMENTATIONS`. Default: none. */
  disabledInstrumentations?: readonly string[] | undefined;
  /** Exact paths, or prefixes ending in `*`. `KEEPTRACE_IGNORE_PATHS`. Default: health, readiness, metrics, favicon. */
  ignorePaths?: readonly string[] | undefined;
  /** `KEEPTRACE_BACKGROUND_SPANS`. Default false. */
  backgroundSpans?: boolean | undefined;
  /** `KEEPTRACE_REDACT`. Default true. */
  redact?: boolean | undefined;
  /** Further names whose values are hidden. `KEEPTRACE_REDACT_KEYS`. */
  redactKeys?: readonly string[] | undefined;
  /** A span for each message of a batch. `KEEPTRACE_MESSAGE_SPANS`. Default true. */
  messageSpans?: boolean | undefined;
  /** Baggage that messages may carry: `['tenant', 'user:orders*']`. `KEEPTRACE_MESSAGE_BAGGAGE`. Default none. */
  messageBaggage?: readonly string[] | undefined;
  /** Trace ids on the lines of pino, winston and bunyan, under whose names. `KEEPTRACE_LOG_CORRELATION`. Default `otel`. */
  logCorrelation?: LogCorrelation | undefined;
  /** Trace ids on what `console` prints, too. `KEEPTRACE_LOG_CONSOLE`. Default false. */
  logConsole?: boolean | undefined;
  /** Milliseconds. `KEEPTRACE_SHUTDOWN_TIMEOUT_MS`. Default 5000. */
  shutdownTimeoutMs?: number | undefined;
  /** Milliseconds that `process.exit()` and a crash may take to send what waits. `KEEPTRACE_EXIT_TIMEOUT_MS`. Default 500. */
  exitTimeoutMs?: number | undefined;
  /** `OTEL_LOG_LEVEL`. Default `warn`. */
  logLevel?: LogLevel | undefined;
  /** `KEEPTRACE_LIFE_LINES`. Default true. */
  lifeLines?: boolean | undefined;
  /** Your own instrumentations, beside those that keeptrace ships; lists in the list are fine. */
  instrumentations?: readonly (Instrumentation | Instrumentation[])[] | undefined;
  /** Your own span processors, beside the one that exports. */
  spanProcessors?: readonly SpanProcessor[] | undefined;
  /** Replaces the OTLP exporter. */
  spanExporter?: SpanExporter | undefined;
}

// The two lists of names have to stay the same but for `production`, which is derived: this line fails to compile otherwise.
type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : never) : never;
export type OptionsMatchSettings = Same<keyof TracingOptions, Exclude<keyof Settings, 'production'>>;
true satisfies OptionsMatchSettings;
