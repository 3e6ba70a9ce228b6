// EventBridge: rules that hand events to queues and topics, with the trace header beside them.
import { randomUUID } from 'node:crypto';
import { ACCOUNT, type Answer, type Engine, REGION } from './engine.ts';
import { matches, type Pattern, readPattern } from './patterns.ts';
import type { Sns } from './sns.ts';
import { type TargetInput, targetInput } from './target-input.ts';
import { readTraceHeader, systemAttributes } from './trace-header.ts';

interface Target extends TargetInput {
  Id: string;
  Arn: string;
  SqsParameters?: { MessageGroupId: string };
}

interface Rule {
  name: string;
  arn: string;
  bus: string;
  pattern: Pattern;
  targets: Map<string, Target>;
}

interface Entry {
  Source?: string;
  DetailType?: string;
  Detail?: string;
  EventBusName?: string;
  TraceHeader?: string;
  Resources?: string[];
  /** Epoch seconds. */
  Time?: number;
}

interface Input {
  Name?: string;
  Rule?: string;
  EventPattern?: string;
  EventBusName?: string;
  Targets?: Target[];
  Entries?: Entry[];
}

type Failed = { ErrorCode: string; ErrorMessage: string };

export interface EventBridge {
  answer(action: string, input: Input, traceHeader: unknown): Promise<Answer>;
}

const busName = (bus = 'default') => bus.split('/').at(-1) ?? 'default';

export function createEventBridge(engine: Engine, sns: Sns): EventBridge {
  const rules = new Map<string, Rule>();
  const arnOf = (resource: string) => `arn:aws:events:${REGION}:${ACCOUNT}:${resource}`;

  function putRule({ Name = '', EventPattern = '{}', EventBusName }: Input): Answer {
    const bus = busName(EventBusName);
    const arn = arnOf(bus === 'default' ? `rule/${Name}` : `rule/${bus}/${Name}`);
    let pattern: Pattern;
    try {
      pattern = readPattern(EventPattern);
    } catch (error) {
      return refuse('InvalidEventPatternException', `Event pattern is not valid. Reason: ${(error as Error).message}`);
    }
    const targets = rules.get(`${bus}/${Name}`)?.targets ?? new Map();
    rules.set(`${bus}/${Name}`, { name: Name, arn, bus, pattern, targets });
    return json({ RuleArn: arn });
  }

  function putTargets({ Rule = '', EventBusName, Targets = [] }: Input): Answer {
    const rule = rules.get(`${busName(EventBusName)}/${Rule}`);
    if (!rule) return refuse('ResourceNotFoundException', `Rule ${Rule} does not exist on EventBus.`);
    for (const target of Targets) rule.targets.set(target.Id, target);
    return json({ FailedEntryCount: 0, FailedEntries: [] });
  }

  async function putEvents({ Entries = [] }: Input, header: unknown): Promise<Answer> {
    if (Entries.length < 1 || Entries.length > 10) {
      return refuse('ValidationException', "Member must have length between 1 and 10 at 'entries'");
    }
    const results: ({ EventId: string } | Failed)[] = [];
    for (const entry of Entries) results.push(await putEvent(entry, header));
    const FailedEntryCount = results.filter((result) => 'ErrorCode' in result).length;
    return json({ FailedEntryCount, Entries: results });
  }

  async function putEvent(entry: Entry, header: unknown): Promise<{ EventId: string } | Failed> {
    const detail = readDetail(entry);
    if ('ErrorCode' in detail) return detail;
    const EventId = randomUUID();
    const time = new Date(entry.Time === undefined ? Date.now() : entry.Time * 1000);
    const event = {
      version: '0',
      id: EventId,
      'detail-type': entry.DetailType,
      source: entry.Source,
      account: ACCOUNT,
      time: time.toISOString().replace(/\.\d+Z$/, 'Z'),
      region: REGION,
      resources: entry.Resources ?? [],
      detail,
    };
    // The entry's own header is the stronger one.
    const traceHeader = readTraceHeader(entry.TraceHeader ?? header);
    for (const rule of rules.values()) {
      if (rule.bus !== busName(entry.EventBusName) || !matches(rule.pattern, event)) continue;
      for (const target of rule.targets.values()) await deliver(target, targetInput(target, event, rule), traceHeader);
    }
    return { EventId };
  }

  async function deliver({ Arn, SqsParameters }: Target, text: string, header: string | undefined): Promise<void> {
    const [, , service, , , queue = ''] = Arn.split(':');
    if (service === 'sns') {
      await sns.publish(Arn, { Message: text, attributes: {}, fifo: {} }, header).catch(() => {});
    } else if (service === 'sqs') {
      const send = { QueueUrl: engine.queueUrl(queue), MessageBody: text, ...SqsParameters };
      await engine.call('SendMessage', { ...send, ...systemAttributes(header) });
    }
  }

  return {
    async answer(action, input, traceHeader) {
      if (action === 'CreateEventBus') return json({ EventBusArn: arnOf(`event-bus/${input.Name}`) });
      if (action === 'PutRule') return putRule(input);
      if (action === 'PutTargets') return putTargets(input);
      if (action === 'PutEvents') return putEvents(input, traceHeader);
      return refuse('UnknownOperationException', `${action} is not supported here`);
    },
  };
}

function readDetail({ Source, DetailType, Detail }: Entry): object | Failed {
  const missing = Object.entries({ Source, DetailType, Detail }).find(([, value]) => !value);
  if (missing) {
    return {
      ErrorCode: 'InvalidArgument',
      ErrorMessage: `Parameter ${missing[0]} is not valid. Reason: ${missing[0]} is a required argument.`,
    };
  }
  try {
    const detail = JSON.parse(Detail ?? '');
    if (typeof detail === 'object' && detail !== null) return detail;
  } catch {}
  return { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
}

const type = { 'content-type': 'application/x-amz-json-1.1' };
const json = (value: object): Answer => ({ status: 200, headers: type, body: JSON.stringify(value) });
const refuse = (code: string, message: string): Answer => ({
  status: 400,
  headers: type,
  body: JSON.stringify({ __type: code, message }),
});
