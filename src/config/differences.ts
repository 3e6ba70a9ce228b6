// Where a standard variable deliberately has another effect than in the official SDK (`@opentelemetry/sdk-node` 0.301).
// The documentation prints this table, and the parity test allows no difference that is not in it.

export interface Difference {
  /** Named by the parity test. */
  id: string;
  variables: string;
  official: string;
  here: string;
  because: string;
}

export const differences: readonly Difference[] = [
  {
    id: 'production-ratio',
    variables: '`OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`',
    official: 'unset: every trace',
    here: 'unset: 10 % in production, every trace elsewhere',
    because: 'a first deployment must not record everything',
  },
  {
    id: 'bare-ratio',
    variables: '`OTEL_TRACES_SAMPLER_ARG`',
    official: 'without `OTEL_TRACES_SAMPLER` it is ignored: every trace',
    here: 'it counts, with `parentbased_traceidratio`',
    because: 'nobody who sets a ratio wants all traces',
  },
  {
    id: 'invalid-sampler',
    variables: '`OTEL_TRACES_SAMPLER`, `OTEL_TRACES_SAMPLER_ARG`',
    official: '`ratio`, `10%`, `1.5`: every trace, without a word',
    here: '10 %, in every environment, and a line with the correction',
    because: 'a typing error must not multiply the bill',
  },
  {
    id: 'consistent-ratio',
    variables: '`OTEL_TRACES_SAMPLER_ARG`',
    official: 'the words of the trace id, folded by XOR, decide which traces a ratio picks',
    here: 'the last 56 bits of the id decide (or `rv`), and the threshold goes along in the tracestate: `ot=th:e666` for 0.1',
    because:
      'as the specification has it since consistent sampling: the same traces in every language, and their weight is known',
  },
  {
    id: 'enum-case',
    variables: 'all variables with a fixed set of values',
    official: '`OTEL_TRACES_EXPORTER=OTLP` switches tracing off in silence',
    here: 'capitals do not matter',
    because: 'the specification wants it so',
  },
  {
    id: 'unknown-exporter',
    variables: '`OTEL_TRACES_EXPORTER`',
    official: 'unknown: no traces; a list: all of them; `zipkin` works',
    here: 'unknown: OTLP, and a line; a list: OTLP, unless it has `none`; `zipkin` is not shipped',
    because: 'one pipeline that is accounted for; Zipkin accepts OTLP through a collector',
  },
  {
    id: 'unknown-propagator',
    variables: '`OTEL_PROPAGATORS`',
    official: '`w3c`: no propagation at all',
    here: 'unknown entries are dropped; if nothing is left, `tracecontext,baggage`',
    because: 'broken traces are harder to find than a line on stderr',
  },
  {
    id: 'invalid-endpoint',
    variables: '`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`',
    official: 'no URL: `http://localhost:4318`, or the other variable',
    here: 'tracing is off, and a line says so',
    because: 'spans must not go where nobody sent them',
  },
  {
    id: 'repaired-endpoint',
    variables: '`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`',
    official: '`collector:4318` delivers nothing; `…/v1/traces` is doubled; a query ends up before the path',
    here: '`http://` is assumed, the path stands once and before the query; a line gives the correction',
    because: 'there is only one thing it can mean',
  },
  {
    id: 'unsafe-endpoint',
    variables: '`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`',
    official: 'every host; credentials over plain http too',
    here: 'refused, see [safety](#safety-of-the-endpoint)',
    because: 'an endpoint from outside must not reach a metadata service, nor a key the open network',
  },
  {
    id: 'header-notation',
    variables: '`OTEL_EXPORTER_OTLP_HEADERS`, `OTEL_EXPORTER_OTLP_TRACES_HEADERS`',
    official: 'cut at `;`; dropped at a bad `%`; a line break fails every export',
    here: '`;` and a stray `%` are sent as they stand; a value with a line break is dropped; names in small letters',
    because: 'half a key is worse than a whole one',
  },
  {
    id: 'resource-attributes',
    variables: '`OTEL_RESOURCE_ATTRIBUTES`',
    official: 'one bad pair, or one text over 255 characters, loses all',
    here: 'only the bad pair is lost',
    because: 'the service name is among the others',
  },
  {
    id: 'detectors-and-name',
    variables: '`OTEL_NODE_RESOURCE_DETECTORS`',
    official: 'without `env` the service name is lost',
    here: '`OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` always count',
    because: 'they are what you said, not what was detected',
  },
  {
    id: 'detected-resource',
    variables: '`OTEL_NODE_RESOURCE_DETECTORS`',
    official: '`process.command_args`, `process.command`, `process.owner`, `host.id` and paths are exported',
    here: 'they are not; `telemetry.distro.*` is added',
    because: 'command lines carry passwords',
  },
  {
    id: 'service-name',
    variables: '`OTEL_SERVICE_NAME`',
    official: 'unset: `unknown_service:node` (with the path of node)',
    here: 'unset: the name in package.json, with a line',
    because: 'a guess that is told is better than no name',
  },
  {
    id: 'version-and-environment',
    variables: '`OTEL_RESOURCE_ATTRIBUTES`',
    official: 'no `service.version`, no `deployment.environment.name` unless set',
    here: 'from package.json and `NODE_ENV` unless set',
    because: 'the first question about a trace is which version made it',
  },
  {
    id: 'value-length',
    variables: '`OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT`, `OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT`',
    official: 'unset: no limit',
    here: 'unset: 8192 characters',
    because: 'one long text must not fill the memory or fail a batch',
  },
  {
    id: 'limit-range',
    variables: '`OTEL_*_LIMIT`, `OTEL_BSP_*`, `OTEL_EXPORTER_OTLP_*TIMEOUT`',
    official: 'not checked: 0 attributes drops every attribute, fractions count',
    here: 'outside its bounds a value is replaced by the default, and a line says so',
    because: 'a span without attributes is no use',
  },
  {
    id: 'one-deadline',
    variables: '`OTEL_BSP_EXPORT_TIMEOUT`, `OTEL_EXPORTER_OTLP_*TIMEOUT`',
    official: 'two deadlines around each other, repeated attempts included; then the batch is lost',
    here: 'the shorter of the two is the deadline of one attempt; the batch is kept and tried again',
    because: 'an outage of half a minute must not cost spans',
  },
  {
    id: 'batch-early',
    variables: '`OTEL_BSP_MAX_EXPORT_BATCH_SIZE`, `OTEL_BSP_SCHEDULE_DELAY`',
    official: 'unset: 512 spans, 5 s',
    here: 'unset: 512 spans, encoded 256 at a time, 1 s; and never more than 256 KiB in one request',
    because: 'what is not yet encoded is what a killed process loses',
  },
  {
    id: 'queue-overflow',
    variables: '`OTEL_BSP_MAX_QUEUE_SIZE`',
    official: 'a span that finds the queue full is dropped',
    here: 'the queue is encoded at once instead; encoded batches are kept up to 16 MiB, the oldest are dropped first and counted',
    because: 'a burst is when traces are wanted',
  },
  {
    id: 'exporter-none',
    variables: '`OTEL_TRACES_EXPORTER`',
    official: '`none`: no spans are made',
    here: '`none`: spans are made and thrown away, so that logs and calls still carry trace ids',
    because: 'log lines of one request stay together without a backend',
  },
  {
    id: 'tls-files',
    variables: '`OTEL_EXPORTER_OTLP_CERTIFICATE`, `…_CLIENT_KEY`, `…_CLIENT_CERTIFICATE`',
    official: 'unreadable: goes on without it; no PEM: every export fails',
    here: 'unreadable or no PEM: tracing is off, and a line says so',
    because: 'another certificate authority was asked for',
  },
  {
    id: 'quotes',
    variables: 'all',
    official: 'quotes are part of the value',
    here: 'quotes around a whole value are taken off, and a line says so',
    because: 'env files of containers leave them in',
  },
  {
    id: 'log-level',
    variables: '`OTEL_LOG_LEVEL`',
    official: 'unset: nothing is ever written',
    here: 'unset: `warn`',
    because: 'a failure without a word is the most common complaint about tracing',
  },
  {
    id: 'signals',
    variables: '`OTEL_METRICS_EXPORTER`, `OTEL_LOGS_EXPORTER`',
    official: 'unset: metrics and logs are exported',
    here: 'traces only',
    because: 'most backends answer 404 to the others',
  },
  {
    id: 'instrumentation-lists',
    variables: '`OTEL_NODE_ENABLED_INSTRUMENTATIONS`, `OTEL_NODE_DISABLED_INSTRUMENTATIONS`',
    official: 'read by `auto-instrumentations-node` only',
    here: 'read',
    because: 'the names are established',
  },
];
