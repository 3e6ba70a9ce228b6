// SNS topics with SQS subscriptions: filters, envelopes, raw delivery, batches.
import { randomUUID } from 'node:crypto';
import { ACCOUNT, type Answer, type Engine, REGION } from './engine.ts';
import { matches, type Pattern, readPattern } from './patterns.ts';
import {
  failure,
  type MessageAttribute,
  readAttributes,
  readMap,
  readMembers,
  SnsError,
  success,
  tag,
} from './sns-wire.ts';
import { readTraceHeader, systemAttributes } from './trace-header.ts';

interface Subscription {
  topicArn: string;
  queue: string;
  raw: boolean;
  filter: Pattern | undefined;
  filterBody: boolean;
}

interface Publication {
  Message: string;
  Subject?: string | undefined;
  MessageStructure?: string | undefined;
  attributes: Record<string, MessageAttribute>;
  fifo: { MessageGroupId?: string; MessageDeduplicationId?: string };
}

export interface Sns {
  answer(form: URLSearchParams, traceHeader: unknown): Promise<Answer>;
  publish(topicArn: string, publication: Publication, traceHeader: string | undefined): Promise<string>;
}

const MAX_BATCH = 10;

export function createSns(engine: Engine): Sns {
  const topics = new Set<string>();
  const subscriptions: Subscription[] = [];

  async function publish(topicArn: string, publication: Publication, traceHeader: string | undefined): Promise<string> {
    if (!topics.has(topicArn)) throw new SnsError('NotFound', 'Topic does not exist', 404);
    const Message = forSqs(publication);
    // SNS sends attributes with a message that is text, not with one that is a structure.
    const attributes = publication.MessageStructure === 'json' ? {} : publication.attributes;
    const MessageId = randomUUID();
    for (const subscription of subscriptions) {
      if (subscription.topicArn !== topicArn || !wants(subscription, Message, publication.attributes)) continue;
      const common = {
        QueueUrl: engine.queueUrl(subscription.queue),
        ...publication.fifo,
        ...systemAttributes(traceHeader),
      };
      if (!subscription.raw) {
        const MessageBody = envelope(topicArn, MessageId, { ...publication, Message, attributes });
        await engine.call('SendMessage', { ...common, MessageBody });
      } else {
        // SQS refuses more than ten attributes, and SNS discards what is refused.
        await engine.call('SendMessage', { ...common, MessageBody: Message, MessageAttributes: attributes });
      }
    }
    return MessageId;
  }

  function createTopic(form: URLSearchParams): string {
    const arn = `arn:aws:sns:${REGION}:${ACCOUNT}:${form.get('Name')}`;
    topics.add(arn);
    return tag('TopicArn', arn);
  }

  function subscribe(form: URLSearchParams): string {
    const topicArn = form.get('TopicArn') ?? '';
    if (!topics.has(topicArn)) throw new SnsError('NotFound', 'Topic does not exist', 404);
    if (form.get('Protocol') !== 'sqs') throw invalid(`Protocol: only sqs is supported here`);
    const { RawMessageDelivery, FilterPolicy, FilterPolicyScope } = readMap(form, 'Attributes');
    subscriptions.push({
      topicArn,
      queue: (form.get('Endpoint') ?? '').split(':')[5] ?? '',
      raw: RawMessageDelivery === 'true',
      filter: FilterPolicy === undefined ? undefined : readFilter(FilterPolicy),
      filterBody: FilterPolicyScope === 'MessageBody',
    });
    return tag('SubscriptionArn', `${topicArn}:${randomUUID()}`);
  }

  async function publishBatch(form: URLSearchParams, traceHeader: string | undefined): Promise<string> {
    const entries = readMembers(form, 'PublishBatchRequestEntries');
    const ids = entries.map((at) => form.get(`${at}Id`) ?? '');
    if (entries.length === 0) throw new SnsError('EmptyBatchRequest', 'The batch request contains no entries.');
    if (entries.length > MAX_BATCH) throw new SnsError('TooManyEntriesInBatchRequest', 'More than 10 entries.');
    if (new Set(ids).size < ids.length) throw new SnsError('BatchEntryIdsNotDistinct', 'Two entries have the same Id.');
    const done = { Successful: '', Failed: '' };
    for (const [n, at] of entries.entries()) {
      const Id = tag('Id', ids[n] ?? '');
      try {
        const id = await publish(form.get('TopicArn') ?? '', readPublication(form, at), traceHeader);
        done.Successful += `<member>${Id}${tag('MessageId', id)}</member>`;
      } catch (error) {
        if (!(error instanceof SnsError) || error.status === 404) throw error;
        const reason = `${tag('Code', error.code)}${tag('Message', error.message)}<SenderFault>true</SenderFault>`;
        done.Failed += `<member>${Id}${reason}</member>`;
      }
    }
    return `<Successful>${done.Successful}</Successful><Failed>${done.Failed}</Failed>`;
  }

  async function result(action: string, form: URLSearchParams, traceHeader: string | undefined): Promise<string> {
    if (action === 'CreateTopic') return createTopic(form);
    if (action === 'Subscribe') return subscribe(form);
    if (action === 'PublishBatch') return publishBatch(form, traceHeader);
    if (action !== 'Publish') throw new SnsError('InvalidAction', `${action} is not supported here`);
    const topicArn = form.get('TopicArn') ?? form.get('TargetArn') ?? '';
    return tag('MessageId', await publish(topicArn, readPublication(form, ''), traceHeader));
  }

  return {
    publish,
    async answer(form, traceHeader) {
      const action = form.get('Action') ?? '';
      try {
        return success(action, await result(action, form, readTraceHeader(traceHeader)));
      } catch (error) {
        if (error instanceof SnsError) return failure(error);
        throw error;
      }
    },
  };
}

function readPublication(form: URLSearchParams, prefix: string): Publication {
  const group = form.get(`${prefix}MessageGroupId`);
  const deduplication = form.get(`${prefix}MessageDeduplicationId`);
  return {
    Message: form.get(`${prefix}Message`) ?? '',
    Subject: form.get(`${prefix}Subject`) ?? undefined,
    MessageStructure: form.get(`${prefix}MessageStructure`) ?? undefined,
    attributes: readAttributes(form, prefix),
    fifo: {
      ...(group === null ? {} : { MessageGroupId: group }),
      ...(deduplication === null ? {} : { MessageDeduplicationId: deduplication }),
    },
  };
}

function forSqs({ Message, MessageStructure }: Publication): string {
  if (Message === '') throw invalid('Empty message');
  if (MessageStructure !== 'json') return Message;
  const byProtocol = parse(Message) as { sqs?: string; default?: string } | undefined;
  if (typeof byProtocol?.default !== 'string')
    throw invalid('Message Structure - No default entry in JSON message body');
  return byProtocol.sqs ?? byProtocol.default;
}

function wants({ filter, filterBody }: Subscription, message: string, attributes: Publication['attributes']): boolean {
  if (!filter) return true;
  if (filterBody) return matches(filter, parse(message));
  const values = Object.entries(attributes).map(([name, { DataType, StringValue = '' }]) => {
    if (DataType === 'Number') return [name, Number(StringValue)];
    return [name, DataType === 'String.Array' ? parse(StringValue) : StringValue];
  });
  return matches(filter, Object.fromEntries(values));
}

function envelope(topicArn: string, MessageId: string, { Subject, Message, attributes }: Publication): string {
  const MessageAttributes = Object.entries(attributes).map(([name, { DataType, StringValue, BinaryValue }]) => [
    name,
    { Type: DataType, Value: StringValue ?? BinaryValue },
  ]);
  return JSON.stringify({
    Type: 'Notification',
    MessageId,
    TopicArn: topicArn,
    Subject,
    Message,
    Timestamp: new Date().toISOString(),
    SignatureVersion: '1',
    Signature: 'none',
    SigningCertURL: 'https://sns.example/certificate.pem',
    UnsubscribeURL: 'https://sns.example/?Action=Unsubscribe',
    MessageAttributes: MessageAttributes.length > 0 ? Object.fromEntries(MessageAttributes) : undefined,
  });
}

function readFilter(policy: string): Pattern {
  try {
    return readPattern(policy);
  } catch (error) {
    throw invalid(`FilterPolicy: ${(error as Error).message}`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const invalid = (what: string) => new SnsError('InvalidParameter', `Invalid parameter: ${what}`);
