// Owns the names of the attributes on spans of messages. Those under `messaging` and `aws` are of the semantic conventions
// where these have one (1.45); the conventions know nothing of attempts, idempotency and dead letters.

export const attribute = {
  system: 'messaging.system',
  systemName: 'messaging.system.name',
  operationName: 'messaging.operation.name',
  operationType: 'messaging.operation.type',
  destination: 'messaging.destination.name',
  messageId: 'messaging.message.id',
  messageCount: 'messaging.batch.message_count',
  failedCount: 'messaging.batch.failed_count',
  skippedCount: 'messaging.batch.skipped_count',
  queueTime: 'messaging.message.queue_time_ms',
  contextSource: 'messaging.context.source',
  deliveredVia: 'messaging.delivered_via',
  deadLetterSource: 'messaging.dead_letter.source',
  deadLetterReason: 'messaging.dead_letter.reason',
  queueUrl: 'aws.sqs.queue.url',
  receiveCount: 'aws.sqs.message.receive_count',
  groupId: 'aws.sqs.message.group_id',
  jobType: 'job.type',
  jobAttempt: 'job.attempt',
  jobMaxAttempts: 'job.max_attempts',
  jobOutcome: 'job.outcome',
  failureCount: 'job.failure_count',
  failedDependency: 'job.failed_dependency',
  failedDependencies: 'job.failed_dependencies',
  idempotencyKey: 'job.idempotency_key',
  idempotencyOutcome: 'job.idempotency.outcome',
  tenant: 'tenant.id',
} as const;

/** On the span of the attempt after which a broker gives up. */
export const deadLettered = 'messaging.dead_lettered';

/** `aws_sqs` under the older key, `aws.sqs` under the current one; backends group by the older, which is not stable either. */
export function systemAttributes(system: string): Record<string, string> {
  return { [attribute.system]: system, [attribute.systemName]: system.replace(/^aws_/, 'aws.') };
}
