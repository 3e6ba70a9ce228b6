import { beforeAll, describe, expect, test } from 'vitest';
import { linesOf, logApps, loggers, runLogApp, spanOf } from '../e2e/logs-rig.ts';
import { nodeBinary, nodeVersions } from './node-versions.ts';

describe.each(nodeVersions)('Node %s', (version) => {
  let node: string;
  beforeAll(() => {
    node = nodeBinary(version);
  }, 180_000);

  test.each(logApps)('$flag, $script: lines carry the ids of their span', async (app) => {
    const logged = await runLogApp(app, {}, node);
    for (const logger of loggers) {
      const { traceId, spanId } = spanOf(logged, logger);
      const { before, inside } = linesOf(logged, logger);
      expect([logger, inside?.trace_id, inside?.span_id]).toEqual([logger, traceId, spanId]);
      expect(before).not.toHaveProperty('trace_id');
    }
  });
});
