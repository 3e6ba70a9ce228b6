import { keeptraceMatchers, traceForTests } from 'keeptrace/testing';
import { expect } from 'vitest';

expect.extend(keeptraceMatchers);
// captureSpans needs no call. It is here for a setting: a report of more than 100 ms is slow, in these tests.
traceForTests({ routes: [{ path: '/report', slowMs: 100 }] });
