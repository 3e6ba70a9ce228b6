import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';
import { PURE } from './test/support/pure.ts';

const PURE_FILES = PURE.map((folder) => `test/${folder}/**/*.test.ts`);

export default defineConfig({
  define: { __VERSION__: JSON.stringify('0.0.0-test') },
  test: {
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // One more than the cores that are there at least: many of them wait for processes.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        extends: true,
        test: {
          name: 'apart',
          include: ['test/**/*.test.ts'],
          exclude: [...PURE_FILES, 'test/matrix/**', '**/node_modules/**'],
        },
      },
      { extends: true, test: { name: 'pure', include: PURE_FILES, isolate: false } },
    ],
  },
});
