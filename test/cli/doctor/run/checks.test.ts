import { describe, expect, test } from 'vitest';
import { runChecks } from '../../../../src/cli/doctor/run/checks/index.ts';
import { templateOf } from '../../../../src/cli/doctor/run/checks/spans.ts';
import type { ModuleFacts, RunFacts, ThreadFacts, TracingFacts } from '../../../../src/cli/doctor/run/facts.ts';
import { stagesOf } from '../../../../src/cli/doctor/run/stages.ts';

const tracing: TracingFacts = {
  active: true,
  startedBy: 'keeptrace/register',
  destination: 'http://127.0.0.1:1',
  exporter: 'otlp',
  instrumentations: ['http'],
  onlySome: false,
  apiVersion: '1.10.0',
  kept: 1,
  accepted: 1,
  rejected: 0,
  queued: 0,
  lost: {},
  keptTraces: { head: 1 },
  droppedTraces: 0,
};
const thread: ThreadFacts = {
  pid: 1,
  parentPid: 0,
  threadId: 0,
  node: '24.0.0',
  script: '/app/server.js',
  tracing,
  api: { version: '1.10.0', provider: 'TracerProvider', ours: true, loaded: [] },
  refused: [],
  modules: [],
  packages: [],
  spans: { started: 1, ended: 1, remote: 0, remoteUnsampled: 0, open: [], names: [], traces: ['a'] },
  failures: [],
  children: [],
  workers: [],
};

function facts(parts: Partial<ThreadFacts> = {}, run: Partial<RunFacts> = {}): RunFacts {
  return {
    app: { dependencies: [], apiCopies: [], starts: 'command' },
    threads: [{ ...thread, ...parts }],
    received: { spans: 1, url: 'http://127.0.0.1:1' },
    seconds: 10,
    ended: { by: 'itself', code: 0 },
    command: 'node server.js',
    ...run,
  };
}

const codes = (of: RunFacts) => runChecks(of).map(({ code }) => code);

test('an app in which all is well has no findings', () => {
  expect(runChecks(facts())).toEqual([]);
});

describe('a module', () => {
  const row: ModuleFacts = {
    instrumentation: 'pino',
    module: 'pino',
    builtin: false,
    patched: false,
    supported: ['>=5 <11'],
    seen: false,
    version: '10.0.0',
    loaded: true,
    early: false,
    replaced: false,
  };
  test.each<[Partial<ModuleFacts>, string[]]>([
    [{ patched: true }, []],
    [{ loaded: false }, []],
    [{ builtin: true }, []],
    [{ early: true }, ['LOADED_TOO_EARLY']],
    [{ early: true, seen: true, replaced: true }, ['LOADED_TOO_EARLY']],
    [{ seen: true }, ['ESM_WITHOUT_HOOK']],
    [{ seen: true, replaced: true }, ['ESM_WITHOUT_HOOK']],
    [{ early: true, version: '11.0.0' }, ['UNSUPPORTED_VERSION']],
    [{ early: true, version: undefined }, ['LOADED_TOO_EARLY']],
  ])('%j is found as %j', (parts, expected) => {
    expect(codes(facts({ modules: [{ ...row, ...parts }] }))).toEqual(expected);
  });
});

test('a copy of the API is told of when it is newer, and is an error when it is loaded', () => {
  const copy = (version: string) => ({ folder: '/app/node_modules/x/node_modules/@opentelemetry/api', version });
  const onDisk = (version: string) =>
    runChecks(facts({}, { app: { dependencies: [], starts: 'command', apiCopies: [copy(version)] } }));
  expect(onDisk('1.9.1')).toEqual([]);
  expect(onDisk('1.10.3')).toEqual([]);
  expect(onDisk('1.11.0')).toMatchObject([{ code: 'API_COPIES', severity: 'warning' }]);
  const loaded = runChecks(facts({ api: { version: '1.9.1', ours: true, loaded: [copy('1.10.0')] } }));
  expect(loaded).toMatchObject([{ code: 'API_COPIES', severity: 'error' }]);
});

test('an API that keeptrace cannot register with is told of with the line that mends it', () => {
  const off = { ...tracing, active: false, apiVersion: '1.9.1' };
  expect(runChecks(facts({ tracing: off, api: undefined }))).toMatchObject([
    { code: 'API_COPIES', fix: 'npm install @opentelemetry/api@1.10' },
  ]);
});

test('a span that is open when a server is stopped counts from half of the time on', () => {
  const open = (ageMs: number) => ({ spans: { ...thread.spans, open: [{ name: 'poll', ageMs }] } });
  const stopped: Partial<RunFacts> = { ended: { by: 'doctor', signal: 'SIGTERM' } };
  expect(codes(facts(open(4_900), stopped))).toEqual([]);
  expect(codes(facts(open(5_000), stopped))).toEqual(['UNENDED_SPANS']);
  expect(codes(facts({ ...open(10), exit: { code: 0, lost: {} } }))).toEqual(['UNENDED_SPANS']);
});

test('callers decide from 95 % on, of three requests at least', () => {
  const remote = (unsampled: number, all: number) =>
    codes(facts({ spans: { ...thread.spans, remote: all, remoteUnsampled: unsampled } }));
  expect(remote(2, 2)).toEqual([]);
  expect(remote(18, 19)).toEqual([]);
  expect(remote(19, 20)).toEqual(['PARENT_UNSAMPLED']);
});

test.each([
  ['always_off', 1],
  ['traceidratio', 0],
  ['parentbased_traceidratio', 0],
])(
  'no caller decides for the sampler %s at %d: what arrives unsampled may be the app calling itself',
  (sampler, sampleRatio) => {
    const spans = { ...thread.spans, remote: 20, remoteUnsampled: 20 };
    expect(codes(facts({ spans, tracing: { ...tracing, sampler, sampleRatio } }))).toEqual([]);
  },
);

test('without a span, http being switched off is the reason, and not that nobody sent a request', () => {
  const spans = { ...thread.spans, started: 0, ended: 0 };
  const off = runChecks(facts({ spans, tracing: { ...tracing, instrumentations: ['pg'] } }));
  expect(off).toMatchObject([{ code: 'INSTRUMENTATION_DISABLED', from: 'OTEL_NODE_DISABLED_INSTRUMENTATIONS' }]);
  expect(off[0]!.what).toContain('http is switched off');
  expect(codes(facts({ tracing: { ...tracing, instrumentations: ['pg'] } }))).toEqual([]);
  expect(codes(facts({ spans }))).toEqual(['NO_SPANS']);
  expect(codes(facts({ spans, tracing: { ...tracing, instrumentations: [] } }))).toEqual(['INSTRUMENTATION_DISABLED']);
});

test('a span that never ends is the reason why none has ended', () => {
  const spans = { ...thread.spans, ended: 0, open: [{ name: 'job', ageMs: 9_000 }] };
  expect(codes(facts({ spans }, { ended: { by: 'doctor', signal: 'SIGTERM' } }))).toEqual(['UNENDED_SPANS']);
});

test('a line to paste keeps the NODE_OPTIONS that are there, and has keeptrace before them', () => {
  const [early] = ['pg'].map((module) => ({ instrumentation: module, module, builtin: false, patched: false }));
  const modules: ModuleFacts[] = [
    { ...early!, supported: ['>=8'], seen: false, version: '8.0.0', loaded: true, early: true, replaced: false },
  ];
  const app = { dependencies: [], apiCopies: [], starts: 'command' as const };
  const fix = (nodeOptions: boolean) => runChecks(facts({ modules }, { app: { ...app, nodeOptions } }))[0]!.fix;
  expect(fix(true)).toMatch(/^NODE_OPTIONS="--import keeptrace\/register \$NODE_OPTIONS" node server\.js /);
  expect(fix(false)).toMatch(/^NODE_OPTIONS="--import keeptrace\/register" node server\.js /);
});

test('spans that end while the doctor stops a busy server are not lost by its fault', () => {
  const exit = { code: 0, lost: { after_shutdown: 3 } };
  expect(codes(facts({ exit }, { ended: { by: 'doctor', signal: 'SIGTERM' } }))).toEqual([]);
  expect(codes(facts({ exit: { ...exit, exitAt: '/app/server.js:3' } }, { ended: { by: 'doctor', code: 0 } }))).toEqual(
    ['LOST_AT_EXIT'],
  );
  expect(codes(facts({ exit }))).toEqual(['LOST_AT_EXIT']);
});

test.each([
  ['GET /orders/:id', 'GET /orders/:id'],
  ['GET /v1/orders', 'GET /v1/orders'],
  ['SELECT table2', 'SELECT table2'],
  ['load 4711', 'load {number}'],
  ['GET /orders/4711/items/2', 'GET /orders/{number}/items/{number}'],
  ['job 9f86d081-884c-4d63-a159-0a2fd9ed6fa1', 'job {uuid}'],
  ['commit 9f86d081884c7d659a2f', 'commit {hex}'],
  ['mail anna.b@example.org', 'mail {email}'],
  ['deadbeefdeadbeef', 'deadbeefdeadbeef'],
])('of the name "%s" the pattern is "%s"', (name, expected) => {
  expect(templateOf(name)).toBe(expected);
});

test('the stages tell where spans are, and why those that are gone are', () => {
  const parts: Partial<ThreadFacts> = {
    spans: { ...thread.spans, started: 9, ended: 8 },
    tracing: {
      ...tracing,
      destination: 'http://otel:4318',
      kept: 6,
      accepted: 3,
      rejected: 1,
      queued: 1,
      lost: { process_exit: 1 },
      keptTraces: { error: 1, head: 2 },
      droppedTraces: 2,
    },
  };
  const details = stagesOf(facts(parts)).map(({ name, count, detail }) => [name, count, detail]);
  expect(details).toEqual([
    ['loaded', 1, 'by keeptrace/register'],
    ['patched', 0, undefined],
    ['started', 9, undefined],
    ['ended', 8, '1 still open'],
    ['kept', 6, 'traces: 1 by error, 2 by head, 2 dropped'],
    ['exported', 4, '1 waiting, 1 lost (process_exit)'],
    ['accepted', 3, 'by http://otel:4318, which the app names in code'],
  ]);
});
