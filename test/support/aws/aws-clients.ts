// The real clients at the test bed, and the few calls that most tests make.
import { EventBridgeClient } from '@aws-sdk/client-eventbridge';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, type Message, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type Aws, startAws } from './index.ts';

export interface TestAws extends Aws {
  sqs: SQSClient;
  sns: SNSClient;
  events: EventBridgeClient;
  /** A queue of a name of its own; returns its URL. */
  queue(name: string, attributes?: Record<string, string>): Promise<string>;
  /** A topic with the queue subscribed; returns the topic's ARN. */
  topic(name: string, queue: string, attributes?: Record<string, string>): Promise<string>;
  /** With every attribute unless told otherwise; waits up to two seconds. */
  receive(queue: string, options?: object): Promise<Message[]>;
}

export async function startTestAws(secondMs?: number): Promise<TestAws> {
  const aws = await startAws(secondMs);
  const { endpoint, region, credentials } = aws;
  const options = { endpoint, region, credentials, maxAttempts: 1 };
  const [sqs, sns, events] = [new SQSClient(options), new SNSClient(options), new EventBridgeClient(options)];
  return {
    ...aws,
    sqs,
    sns,
    events,
    async queue(QueueName, Attributes) {
      const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes }));
      return QueueUrl;
    },
    async topic(Name, queue, Attributes) {
      const { TopicArn = '' } = await sns.send(new CreateTopicCommand({ Name }));
      const Endpoint = aws.queueArn(queue);
      await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }));
      return TopicArn;
    },
    async receive(queue, more = {}) {
      const all = { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All' as const] };
      const request = { QueueUrl: aws.queueUrl(queue), WaitTimeSeconds: 2, ...all, ...more };
      const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(request));
      return Messages;
    },
    async close() {
      for (const client of [sqs, sns, events]) client.destroy();
      await aws.close();
    },
  };
}
