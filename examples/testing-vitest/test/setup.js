import { keeptraceMatchers, traceForTests } from 'keeptrace/testing';
import { expect } from 'vitest';

expect.extend(keeptraceMatchers);
// captureSpans needs no such call. It is here for a setting: nothing is slow but reports, so that a busy machine that takes
// its time keeps no other trace.
traceForTests({ slowMs: 'off', routes: [{ path: '/report', slowMs: 100 }] });
