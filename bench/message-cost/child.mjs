// Works on messages, each of a trace of its own, in one of the ways that are compared; says what a message cost.
import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { withSpan } from 'keeptrace';
import { processMessage } from 'keeptrace/messaging';

const [mode, count] = [process.argv[2], Number(process.argv[3])];
const unsampled = () => `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-`;
const messageOf = (_, at) => ({
  MessageId: `m-${at}`,
  Body: '{"report":7,"tenant":"acme"}',
  MessageAttributes: {
    // One in ten sampled, as its producer with the same head would send it.
    traceparent: { DataType: 'String', StringValue: `${unsampled()}${at % 10 === 0 ? '01' : '00'}` },
    kind: { DataType: 'String', StringValue: 'daily' },
  },
  Attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(Date.now()) },
});
let done = 0;
const work = async (message) => {
  done += JSON.parse(message.Body).report;
};
const simple = { name: 'campaign.sync_report' };
const full = {
  name: 'campaign.sync_report',
  destination: 'https://sqs.eu-central-1.amazonaws.com/123456789012/jobs',
  tenant: (view) => view.json().tenant,
  idempotencyKey: (view) => view.id,
  attributes: { 'report.kind': 'daily' },
  maxReceiveCount: 3,
  timeoutMs: 30_000,
};
const ways = {
  bare: (message) => work(message),
  process: (message) => processMessage(message, simple, () => work(message)),
  full: (message) => processMessage(message, full, () => work(message)),
  span: (message) => withSpan('campaign.sync_report', { kind: 'consumer' }, () => work(message)),
};

const nanoseconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1_000;
};
/** Making the messages is no work on them. */
let preparing = 0;

process.on('message', async (what) => {
  if (what === 'round') {
    const before = nanoseconds();
    const messages = Array.from({ length: count }, messageOf);
    globalThis.gc();
    preparing += nanoseconds() - before;
    for (const [at, message] of messages.entries()) {
      await ways[mode](message);
      // A poll now and then, in which what was finished can leave.
      if (at % 1_000 === 999) await sleep(1);
    }
  }
  process.send({ spent: nanoseconds() - preparing, done });
});
process.send('ready');
