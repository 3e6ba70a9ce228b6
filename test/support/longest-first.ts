// Starts the files that take longest before all others: one that began late would be waited for alone at the end.
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** By the time they take; a file that is missing costs time, nothing else. */
const LONGEST = [
  'test/faults/faults.test.ts',
  'test/cli/dev/page/page.test.ts',
  // It mostly waits: the exits of the faults, which come first, are measured in its time and not beside the harness.
  'test/export/spool/spool-processes.test.ts',
  'test/e2e/harness.test.ts',
  'test/e2e/keep-signal.test.ts',
  'test/e2e/queue-keeping.test.ts',
  'test/e2e/exit-matrix.test.ts',
  'test/e2e/demo.test.ts',
  'test/e2e/parity.test.ts',
  'test/export/sender/herd-processes.test.ts',
  'test/e2e/package.test.ts',
  'test/e2e/frameworks.test.ts',
  'test/e2e/brokers.test.ts',
  'test/export/destination/broken-answers.test.ts',
];

const rank = ({ moduleId }: TestSpecification): number => {
  const at = LONGEST.findIndex((path) => moduleId.endsWith(path));
  return at < 0 ? LONGEST.length : at;
};

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}
