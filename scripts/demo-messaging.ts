// The shop's topic, queues and rule, at the test bed that stands in for AWS.
import { PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge';
import { startTestAws } from '../test/support/aws/aws-clients.ts';
import type { Backend } from './demo-backends.ts';

/** Of the receipts; after that a message is dead. */
export const MAX_ATTEMPTS = 3;

export async function startMessaging(): Promise<Backend> {
  const aws = await startTestAws();
  const dead = await aws.queue('receipts-dead');
  const RedrivePolicy = JSON.stringify({
    deadLetterTargetArn: aws.queueArn('receipts-dead'),
    maxReceiveCount: MAX_ATTEMPTS,
  });
  const receipts = await aws.queue('receipts', { RedrivePolicy });
  const shipments = await aws.queue('shipments');
  const notices = await aws.queue('notices');

  // One subscriber takes messages as they are, the other in the envelope of SNS.
  const FilterPolicy = JSON.stringify({ event: ['order.paid'] });
  const topic = await aws.topic('orders', 'shipments', { FilterPolicy, RawMessageDelivery: 'true' });
  await aws.topic('orders', 'receipts', { FilterPolicy });

  const EventPattern = JSON.stringify({ source: ['shop'], 'detail-type': ['order.shipped'] });
  await aws.events.send(new PutRuleCommand({ Name: 'shipped', EventPattern }));
  const Targets = [{ Id: 'notices', Arn: aws.queueArn('notices') }];
  await aws.events.send(new PutTargetsCommand({ Rule: 'shipped', Targets }));

  return {
    label: 'SNS, SQS and EventBridge (in this process)',
    env: {
      ORDERS_TOPIC: topic,
      SHIPMENTS_QUEUE: shipments,
      RECEIPTS_QUEUE: receipts,
      RECEIPTS_DEAD_QUEUE: dead,
      NOTICES_QUEUE: notices,
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.credentials.secretAccessKey,
    },
    close: aws.close,
  };
}
