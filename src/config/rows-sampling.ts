// Settings that say which traces are recorded and how their context travels.
import { choiceListRow, choiceRow, ratioRow } from './row-kinds.ts';

/** In the specification, but they ask a server: their argument is no ratio. */
export const REMOTE_SAMPLERS = ['jaeger_remote', 'parentbased_jaeger_remote', 'xray'];

export const samplingRows = {
  sampler: choiceRow({
    option: 'sampler',
    env: ['OTEL_TRACES_SAMPLER'],
    choices: [
      'always_on',
      'always_off',
      'traceidratio',
      'parentbased_always_on',
      'parentbased_always_off',
      'parentbased_traceidratio',
    ],
    aliases: {
      ratio: 'parentbased_traceidratio',
      traceid_ratio: 'traceidratio',
      trace_id_ratio: 'traceidratio',
      trace_id_ratio_based: 'traceidratio',
      parentbased: 'parentbased_traceidratio',
      parent_based: 'parentbased_traceidratio',
      probabilistic: 'parentbased_traceidratio',
      on: 'parentbased_always_on',
      off: 'parentbased_always_off',
    },
    unsupported: Object.fromEntries(
      REMOTE_SAMPLERS.map((name) => [name, 'asks a server for its decisions, which keeptrace does not do']),
    ),
    fallback: 'parentbased_traceidratio',
    about:
      'How a trace is chosen. The `parentbased_` ones follow the decision of the caller and decide only where a trace begins.',
    example: 'parentbased_traceidratio',
  }),
  sampleRatio: ratioRow({
    option: 'sampleRatio',
    env: ['OTEL_TRACES_SAMPLER_ARG'],
    fallback: 1,
    defaultText: '`0.1` in production, else `1`',
    about:
      'Share of the traces that a ratio sampler records. Counts without `OTEL_TRACES_SAMPLER` too. `0.1` everywhere when it or the sampler is given and cannot be used.',
    example: '0.1',
  }),
  propagators: choiceListRow({
    option: 'propagators',
    env: ['OTEL_PROPAGATORS'],
    choices: ['tracecontext', 'baggage', 'b3', 'b3multi'],
    aliases: {
      w3c: 'tracecontext,baggage',
      tracecontexts: 'tracecontext',
      w3cbaggage: 'baggage',
      b3single: 'b3',
      'b3-multi': 'b3multi',
    },
    unsupported: Object.fromEntries(
      ['xray', 'xray-lambda', 'jaeger', 'ottrace', 'sw8', 'datadog', 'gcp', 'cloud_trace_context'].map((name) => [
        name,
        'a propagator that keeptrace does not ship',
      ]),
    ),
    fallback: ['tracecontext', 'baggage'],
    about:
      'The header formats in which trace context is read from requests and written to them. `none` switches propagation off.',
    example: 'tracecontext,baggage',
  }),
};
