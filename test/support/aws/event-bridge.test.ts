import { PutEventsCommand, PutRuleCommand, PutTargetsCommand, type Target } from '@aws-sdk/client-eventbridge';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startTestAws, type TestAws } from './aws-clients.ts';

const HEADER = 'Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1';
const OTHER = 'Root=1-3152b799-8954dae64eda91bc9a23a7e8;Parent=7fa8c0f79203be72;Sampled=0';

let aws: TestAws;
beforeAll(async () => {
  aws = await startTestAws();
});
afterAll(() => aws.close());

/** A rule for one source, with a queue of the same name as its target. */
async function wire(name: string, pattern: object = {}, target: Partial<Target> = {}): Promise<void> {
  await aws.queue(name);
  const EventPattern = JSON.stringify({ source: [name], ...pattern });
  await aws.events.send(new PutRuleCommand({ Name: name, EventPattern }));
  const Targets = [{ Id: '1', Arn: aws.queueArn(name), ...target }];
  await aws.events.send(new PutTargetsCommand({ Rule: name, Targets }));
}

async function put(source: string, detail: object | string, TraceHeader?: string, header?: string) {
  const Detail = typeof detail === 'string' ? detail : JSON.stringify(detail);
  const command = new PutEventsCommand({ Entries: [{ Source: source, DetailType: 'order', Detail, TraceHeader }] });
  if (header) {
    const addHeader = { step: 'build' } as const;
    command.middlewareStack.add(
      (next) => (args) => {
        (args.request as { headers: Record<string, string> }).headers['X-Amzn-Trace-Id'] = header;
        return next(args);
      },
      addHeader,
    );
  }
  return aws.events.send(command);
}

const received = async (queue: string) => aws.receive(queue, { WaitTimeSeconds: 1, MaxNumberOfMessages: 10 });

test('an event arrives as an event, its detail unchanged', async () => {
  await wire('plain');
  const { Entries } = await put('plain', { id: 7, name: 'grün' });
  const [message] = await received('plain');
  expect(JSON.parse(message?.Body ?? '')).toMatchObject({
    version: '0',
    id: Entries?.[0]?.EventId,
    source: 'plain',
    'detail-type': 'order',
    detail: { id: 7, name: 'grün' },
  });
  expect(message).not.toHaveProperty('MessageAttributes');
  expect(message?.Attributes).not.toHaveProperty('AWSTraceHeader');
});

describe('the trace header', () => {
  test('of an entry is on the message, not in its body, and wins over that of the request', async () => {
    await wire('entry');
    await put('entry', {}, HEADER, OTHER);
    const [message] = await received('entry');
    expect(message?.Attributes?.AWSTraceHeader).toBe(HEADER);
    expect(message?.Body).not.toContain('Root=');
  });

  test('of the request does when the entry has none', async () => {
    await wire('request');
    await put('request', {}, undefined, OTHER);
    expect((await received('request'))[0]?.Attributes?.AWSTraceHeader).toBe(OTHER);
  });

  test('is dropped when it is none, and the event flows', async () => {
    await wire('junk');
    await put('junk', {}, 'Root=junk');
    const [message] = await received('junk');
    expect(message?.Attributes).not.toHaveProperty('AWSTraceHeader');
  });

  test('goes on through a topic', async () => {
    await aws.queue('behind-topic');
    const Arn = await aws.topic('events', 'behind-topic');
    await wire('to-topic', {}, { Arn });
    await put('to-topic', { id: 1 }, HEADER);
    const [message] = await received('behind-topic');
    expect(message?.Attributes?.AWSTraceHeader).toBe(HEADER);
    expect(JSON.parse(JSON.parse(message?.Body ?? '').Message).detail).toEqual({ id: 1 });
  });
});

describe('a target receives', () => {
  const paths = { id: '$.detail.id', first: '$.detail.items[0].name', all: '$.detail' };
  test.each<[string, Partial<Target>, string]>([
    ['a constant', { Input: '{"constant":true}' }, '{"constant":true}'],
    ['a part', { InputPath: '$.detail.items' }, '[{"name":"a \\"b\\""}]'],
    [
      'a template of JSON',
      { InputTransformer: { InputPathsMap: paths, InputTemplate: '{"n":<id>,"x":<first>,"d":<all>}' } },
      '{"n":7,"x":"a \\"b\\"","d":{"id":7,"items":[{"name":"a \\"b\\""}]}}',
    ],
    [
      'a template of text',
      { InputTransformer: { InputPathsMap: paths, InputTemplate: '"order <id> by <aws.events.rule-name>"' } },
      '"order 7 by a-template-of-text"',
    ],
  ])('%s', async (title, target, body) => {
    const name = title.replaceAll(' ', '-');
    await wire(name, {}, target);
    await put(name, { id: 7, items: [{ name: 'a "b"' }] });
    expect((await received(name))[0]?.Body).toBe(body);
  });
});

test.each<[string, object[] | (string | number)[], unknown, unknown]>([
  ['exact', ['a', 1], 1, '1'],
  ['prefix', [{ prefix: 'ord' }], 'order', 'word'],
  ['exists', [{ exists: true }], 0, undefined],
  ['absent', [{ exists: false }], undefined, null],
  ['anything-but', [{ 'anything-but': ['a', 'b'] }], 'c', 'b'],
  ['anything-but-prefix', [{ 'anything-but': { prefix: 'x' } }], 'y', 'xy'],
  ['numeric', [{ numeric: ['>=', 1, '<', 2] }], 1.5, 2],
  ['array', ['a'], ['b', 'a'], ['b']],
])('a rule lets through what its pattern matches: %s', async (operator, rules, hit, miss) => {
  const name = `match-${operator}`;
  await wire(name, { detail: { deep: { value: rules } } });
  await put(name, { deep: { value: miss }, is: 'miss' });
  await put(name, { deep: { value: hit }, is: 'hit' });
  const details = (await received(name)).map(({ Body }) => JSON.parse(Body ?? '').detail.is);
  expect(details).toEqual(['hit']);
});

test('a bad entry is reported, a bad pattern and an unknown rule are refused', async () => {
  const { FailedEntryCount, Entries } = await put('anyone', 'no json');
  expect([FailedEntryCount, Entries?.[0]?.ErrorCode]).toEqual([1, 'MalformedDetail']);
  const EventPattern = JSON.stringify({ source: [{ like: 'x' }] });
  const rule = aws.events.send(new PutRuleCommand({ Name: 'bad', EventPattern }));
  await expect(rule).rejects.toMatchObject({ name: 'InvalidEventPatternException' });
  const targets = aws.events.send(new PutTargetsCommand({ Rule: 'nobody', Targets: [{ Id: '1', Arn: 'x' }] }));
  await expect(targets).rejects.toMatchObject({ name: 'ResourceNotFoundException' });
});
