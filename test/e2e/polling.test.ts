// A minute of long polls that bring nothing. A second of the queue takes ten milliseconds here, and so do the settings that
// count time; `npm run check:polling` takes the minute itself, with the settings as they are by default.
import { expect, test } from 'vitest';
import { startReceiver } from '../../src/receiver/server.ts';
import { startTestAws } from '../support/aws/aws-clients.ts';
import { runApp } from '../support/processes.ts';

const real = process.env.POLLING === 'real';
const secondMs = real ? 1_000 : 10;
const scaled = { KEEPTRACE_SLOW_MS: '10', OTEL_BSP_SCHEDULE_DELAY: '50' };

test.concurrent.each([
  ['case 38: with the instrumentation, empty polls for 60 s export nothing', {}, 0],
  [
    'case 38: without it, those of a client that is told to trace neither',
    { OTEL_NODE_DISABLED_INSTRUMENTATIONS: 'aws-sdk', CLIENTS: 'traced' },
    0,
  ],
  // Six polls and two deletions: that nothing comes is not because nothing could.
  ['case 38: with background spans on, each is a trace', { KEEPTRACE_BACKGROUND_SPANS: 'true' }, 8],
])(
  '%s',
  async (_, env, expected) => {
    const [aws, receiver] = await Promise.all([startTestAws(secondMs), startReceiver()]);
    const app = runApp({
      args: ['--import', 'keeptrace/register', 'test/e2e/fixtures/messaging/polling.mjs'],
      env: {
        OTEL_SERVICE_NAME: 'worker',
        OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
        ENDPOINT: aws.endpoint,
        QUEUE_URL: await aws.queue('jobs'),
        ...(!real && scaled),
        ...env,
      },
    });
    const { code, ms } = await app.exit;
    await Promise.all([aws.close(), receiver.close()]);
    expect({ code, polls: app.stdout() }, app.stderr()).toEqual({
      code: 0,
      polls: 'CLIENTS' in env ? '[3]\n' : '[3,3]\n',
    });
    expect(ms).toBeGreaterThan(60 * secondMs);
    expect(receiver.spans).toHaveLength(expected);
    if (expected === 0) expect(receiver.requests).toEqual([]);
  },
  90_000,
);
