// Settings that bound memory: the export queue and the size of one span.
import { integerRow } from './row-kinds.ts';

const COUNT = { min: 0, max: 1_000_000 };

/** Read for `exportTimeoutMs` only: here one request is one attempt, so the two deadlines are one. */
export const batchTimeoutRow = integerRow({
  option: 'exportTimeoutMs',
  env: ['OTEL_BSP_EXPORT_TIMEOUT'],
  unit: 'milliseconds',
  min: 1,
  max: 600_000,
  fallback: 30_000,
  about: 'Deadline of handing over one batch; shortens `exportTimeoutMs`, never lengthens it.',
  example: '30000',
});

export const batchRows = {
  queueSize: integerRow({
    option: 'queueSize',
    env: ['OTEL_BSP_MAX_QUEUE_SIZE'],
    unit: 'spans',
    min: 1,
    max: 1_000_000,
    fallback: 2048,
    about:
      'Ended spans kept as they are until their batch is full or due; beyond these a batch is encoded at once. Encoded batches are kept up to 16 MiB, then the oldest are dropped and counted.',
    example: '2048',
  }),
  batchSize: integerRow({
    option: 'batchSize',
    env: ['OTEL_BSP_MAX_EXPORT_BATCH_SIZE'],
    unit: 'spans',
    min: 1,
    max: 1_000_000,
    fallback: 512,
    about:
      'Most spans in one export request, at most `queueSize`. They are encoded 256 at a time; compressed ones are sent as encoded.',
    example: '512',
  }),
  batchDelayMs: integerRow({
    option: 'batchDelayMs',
    env: ['OTEL_BSP_SCHEDULE_DELAY'],
    unit: 'milliseconds',
    min: 1,
    max: 600_000,
    fallback: 1000,
    about: 'Longest wait before a batch that is not full is sent.',
    example: '1000',
  }),
};

export const spanLimitRows = {
  attributeValueLength: integerRow({
    option: 'spanLimits.attributeValueLength',
    env: ['OTEL_SPAN_ATTRIBUTE_VALUE_LENGTH_LIMIT', 'OTEL_ATTRIBUTE_VALUE_LENGTH_LIMIT'],
    unit: 'characters',
    min: 1,
    max: 2 ** 31 - 1,
    fallback: 8192,
    about: 'Longest text of an attribute; the rest is cut off.',
    example: '8192',
  }),
  attributeCount: integerRow({
    option: 'spanLimits.attributeCount',
    env: ['OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT', 'OTEL_ATTRIBUTE_COUNT_LIMIT'],
    min: 1,
    max: COUNT.max,
    fallback: 128,
    about: 'Attributes of one span.',
    example: '128',
  }),
  eventCount: integerRow({
    ...COUNT,
    option: 'spanLimits.eventCount',
    env: ['OTEL_SPAN_EVENT_COUNT_LIMIT'],
    fallback: 128,
    about: 'Events of one span.',
    example: '128',
  }),
  linkCount: integerRow({
    ...COUNT,
    option: 'spanLimits.linkCount',
    env: ['OTEL_SPAN_LINK_COUNT_LIMIT'],
    fallback: 128,
    about: 'Links of one span.',
    example: '128',
  }),
  attributesPerEvent: integerRow({
    ...COUNT,
    option: 'spanLimits.attributesPerEvent',
    env: ['OTEL_EVENT_ATTRIBUTE_COUNT_LIMIT', 'OTEL_SPAN_ATTRIBUTE_PER_EVENT_COUNT_LIMIT'],
    fallback: 128,
    about: 'Attributes of one event.',
    example: '128',
  }),
  attributesPerLink: integerRow({
    ...COUNT,
    option: 'spanLimits.attributesPerLink',
    env: ['OTEL_LINK_ATTRIBUTE_COUNT_LIMIT', 'OTEL_SPAN_ATTRIBUTE_PER_LINK_COUNT_LIMIT'],
    fallback: 128,
    about: 'Attributes of one link.',
    example: '128',
  }),
};
