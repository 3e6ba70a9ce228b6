import { beforeAll, describe, expect, test } from 'vitest';
import { linesOf, logApps, loggers, runLogApp, spanOf } from '../e2e/logs-rig.ts';
import { nodeBinary, nodeVersions } from './node-versions.ts';

describe.each(nodeVersions)('Node %s', (version) => {
  let node: string;
  beforeAll(() => {
    node = nodeBinary(version);
  }, 180_000);

  test.each(logApps)('$flag, $script: lines carry the ids of their span', async (app) => {
    const logged = await runLogApp(app, { KEEPTRACE_LOG_CONSOLE: 'true' }, node);
    for (const logger of loggers) {
      const { traceId, spanId } = spanOf(logged, logger);
      const { before, inside } = linesOf(logged, logger);
      expect([logger, inside?.trace_id, inside?.span_id]).toEqual([logger, traceId, spanId]);
      expect(before).not.toHaveProperty('trace_id');
    }
  });

  test.each(['transport.mjs', 'fastify.mjs'])(
    '--import, %s: one tracing, and its ids on every line',
    async (script) => {
      const logged = await runLogApp({ script, flag: '--import' }, {}, node);
      const { inside } = linesOf(logged, 'pino');
      expect(logged.spans.map(({ traceId }) => traceId)).toContain(inside?.trace_id);
      expect(logged.stderr.match(/keeptrace: tracing/g)).toHaveLength(1);
    },
  );
});
