import { ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { balance, caller, fail, flag, idWith, rig, soundness, th } from './keeper-rig.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const high = idWith(0.99);
const low = idWith(0.01);

describe('a trace that nothing speaks for', () => {
  test('is dropped whole, is undecided on the wire, and leaves nothing behind', () => {
    const r = rig({ ratio: 0 });
    const root = r.start('GET /');
    const child = r.child(root);
    expect([flag(root), flag(child), th(root), th(child)]).toEqual([0, 0, undefined, undefined]);
    child.end();
    root.end();
    expect(r.emitted).toEqual([]);
    expect(r.keeper.stats()).toMatchObject({ triggered: 0, dropped: 1, held: { traces: 0, spans: 0, bytes: 0 } });
  });

  test('is kept by the head with its weight, once it has ended, and without a reason of ours', () => {
    const r = rig({ ratio: 0.1 });
    const root = r.start('GET /', caller(high, 1, 'ot=th:e666'));
    r.child(root).end();
    expect(r.emitted).toEqual([]);
    root.end();
    expect(r.names()).toEqual(['child', 'GET /']);
    expect(r.emitted.map(th)).toEqual(['e666', 'e666']);
    expect(r.emitted.map(({ attributes }) => attributes['keeptrace.reason'])).toEqual([undefined, undefined]);
    expect(r.keeper.stats()).toMatchObject({ kept: { head: 1 }, triggered: 0, dropped: 0 });
  });
});

describe('an error', () => {
  test('keeps what has ended, what runs and what comes, each span once', () => {
    const r = rig();
    const root = r.start('GET /');
    r.child(root, 'before').end();
    const running = r.child(root, 'running');
    fail(r.child(root, 'failing'));
    expect(r.names()).toEqual(['before', 'failing']);
    expect([flag(root), flag(running), r.keeper.isKept(root.spanContext().traceId)]).toEqual([1, 1, true]);
    const after = r.child(root, 'after');
    expect([flag(after), th(after)]).toEqual([1, undefined]);
    for (const span of [running, after, root]) span.end();
    expect(r.names()).toEqual(['before', 'failing', 'running', 'after', 'GET /']);
    expect(r.emitted.map(th)).toEqual(['0', '0', '0', '0', '0']);
    expect(r.emitted.map(({ attributes }) => attributes['keeptrace.reason'])).toEqual(Array(5).fill('error'));
    expect(r.emitted[4]?.attributes).toMatchObject({
      'keeptrace.weight': 1,
      'keeptrace.trigger.service': 'shop',
      'sampling.priority': 1,
    });
    expect(r.emitted[0]?.attributes).not.toHaveProperty('keeptrace.weight');
    expect(r.keeper.stats()).toMatchObject({ triggered: 1, exported: 1, kept: { error: 1 }, dropped: 0 });
    expect(soundness(r)).toEqual({ twice: 0, unsampled: 0 });
  });

  test('does not put the weight of the exported span on the wire, not even from a span that has ended', () => {
    const r = rig();
    const root = r.start('GET /');
    const ended = r.child(root, 'ended');
    fail(ended);
    const under = r.child(ended, 'under');
    expect([th(ended), th(under), th(root)]).toEqual([undefined, undefined, undefined]);
    expect(flag(under)).toBe(1);
    under.end();
    root.end();
    expect(r.emitted.map(th)).toEqual(['0', '0', '0']);
  });

  test('is counted once, whatever else happens to the trace', () => {
    const r = rig();
    const root = r.start('GET /');
    fail(r.child(root));
    fail(r.child(root));
    r.keeper.trigger(root.spanContext().traceId, 'manual');
    r.keeper.trigger(root.spanContext().traceId, 'flag');
    fail(root);
    expect(r.keeper.stats()).toMatchObject({ triggered: 1, exported: 1, kept: { error: 1 } });
  });

  test('is nothing when errors are not to be kept', () => {
    const r = rig({ keepErrors: false });
    fail(r.start('GET /'));
    expect(r.emitted).toEqual([]);
    expect(r.keeper.stats().triggered).toBe(0);
  });

  test('over a head decision stands for itself alone', () => {
    const r = rig({ ratio: 0.1 });
    const root = r.start('GET /', caller(high, 1, 'ot=th:e666'));
    fail(r.child(root));
    root.end();
    expect(r.emitted.map(th)).toEqual(['0', '0']);
    expect(th(root)).toBe('e666');
  });
});

describe("another's word", () => {
  test.each(['flag', 'response', 'bus', 'deadline'] as const)('%s keeps the trace without a weight', (reason) => {
    const r = rig();
    const root = r.start('GET /');
    r.keeper.trigger(root.spanContext().traceId, reason);
    root.end();
    expect(r.emitted.map(th)).toEqual([undefined]);
    expect(r.emitted[0]?.attributes).toMatchObject({ 'keeptrace.reason': reason });
    expect(r.emitted[0]?.attributes).not.toHaveProperty('keeptrace.weight');
    expect(r.keeper.stats()).toMatchObject({ triggered: 0, kept: { [reason]: 1 } });
  });

  test('a caller that sampled without a threshold is followed, without a weight', () => {
    const r = rig();
    r.start('GET /', caller(low, 1)).end();
    expect(r.emitted.map(th)).toEqual([undefined]);
    expect(r.keeper.stats().kept).toEqual({ flag: 1 });
  });

  test('an unknown trace is nothing to it', () => {
    const r = rig();
    for (let i = 0; i < 100; i++) r.keeper.trigger(idWith(i / 100), 'response');
    expect(r.keeper.stats()).toMatchObject({ kept: {}, triggered: 0, held: { traces: 0 } });
    expect(r.keeper.isForced(high)).toBe(false);
  });

  test('a caller that is undecided makes the kept part one that may lack the rest', () => {
    const r = rig();
    fail(r.start('GET /', caller(low, 0)));
    expect(r.emitted[0]?.attributes).toMatchObject({ 'keeptrace.partial': true });
  });
});

describe('a slow request', () => {
  test('is kept while it runs, from the moment it is slow', () => {
    const r = rig();
    const root = r.start('GET /');
    r.child(root, 'quick').end();
    const open = r.child(root, 'open');
    r.pass(990);
    expect([r.names(), flag(open)]).toEqual([[], 0]);
    r.pass(40);
    expect([r.names(), flag(open), flag(root)]).toEqual([['quick'], 1, 1]);
    open.end();
    root.end();
    expect(r.keeper.stats()).toMatchObject({ kept: { slow: 1 }, triggered: 1, exported: 1 });
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is watched by one timer, which stops when there is nothing to watch', () => {
    const r = rig();
    const roots = Array.from({ length: 20 }, () => r.start('GET /'));
    expect(vi.getTimerCount()).toBe(1);
    for (const root of roots) root.end();
    r.pass(25);
    expect(vi.getTimerCount()).toBe(0);
  });

  test('is kept when the process was too busy for its timer', () => {
    const r = rig();
    const root = r.start('GET /');
    r.clock.ms += 1000;
    root.end();
    expect(r.keeper.stats().kept).toEqual({ slow: 1 });
  });

  test('is none just below the limit, nor with the limit off, nor is a child one', () => {
    const below = rig();
    const root = below.start('GET /');
    below.pass(999);
    root.end();
    const off = rig({ slowMs: undefined });
    const long = off.start('GET /');
    off.pass(100_000);
    long.end();
    const parent = rig();
    const short = parent.start('GET /');
    const child = parent.child(short);
    parent.pass(500);
    short.end();
    parent.pass(900);
    child.end();
    for (const { keeper } of [below, off, parent]) expect(keeper.stats().kept).toEqual({});
  });
});

describe('a request that is answered by a stream', () => {
  test('is not slow however long, neither by the clock nor at its end', () => {
    const r = rig();
    const root = r.start('GET /events');
    r.pass(900);
    r.keeper.streams(root);
    r.pass(60_000);
    root.end();
    expect(r.keeper.stats()).toMatchObject({ triggered: 0, dropped: 1, kept: {} });
  });

  test.each([
    ['and the timer told', true],
    ['and the process was too busy for its timer', false],
  ])('stays slow when it was before the stream began, %s', (_, told) => {
    const r = rig();
    const root = r.start('GET /events');
    if (told) r.pass(1030);
    else r.clock.ms += 1030;
    r.keeper.streams(root);
    root.end();
    expect([r.names(), r.keeper.stats().kept]).toEqual([['GET /events'], { slow: 1 }]);
  });

  test('is an error all the same, and leaves other requests of its trace under the clock', () => {
    const r = rig();
    const failing = r.start('GET /events');
    r.keeper.streams(failing);
    fail(failing);
    const [stream, other] = [r.start('stream', caller(low, 0)), r.start('other', caller(low, 0))];
    r.keeper.streams(stream);
    r.pass(1030);
    stream.end();
    other.end();
    expect(r.names()).toEqual(['GET /events', 'stream', 'other']);
    expect(r.keeper.stats().kept).toEqual({ error: 1, slow: 1 });
  });

  test('by another one does not become slow through it: the call counts only where it has no caller here', () => {
    const r = rig();
    const root = r.start('GET /', undefined, { 'url.path': '/' });
    const call = r.child(root);
    root.end();
    const alone = r.start('GET', undefined, {}, SpanKind.CLIENT);
    r.keeper.streams(call);
    r.keeper.streams(alone);
    r.pass(5000);
    call.end();
    alone.end();
    expect(r.keeper.stats()).toMatchObject({ triggered: 0, kept: {} });
  });
});

describe('after the last request of a trace has ended', () => {
  test('a child that still runs holds the decision, and its error keeps everything', () => {
    const r = rig();
    const root = r.start('GET /');
    const child = r.child(root);
    root.end();
    r.pass(500);
    expect(r.keeper.stats().dropped).toBe(0);
    fail(child);
    expect(r.names()).toEqual(['GET /', 'child']);
  });

  test('a child that never ends holds it for a second, and no memory after it', () => {
    const r = rig({ ratio: 1 });
    const root = r.start('GET /');
    r.child(root, 'never');
    root.end();
    r.pass(1030);
    expect(r.names()).toEqual(['GET /']);
    expect(r.keeper.stats().held).toEqual({ traces: 0, spans: 0, bytes: 0 });
  });

  test('late spans follow the decision: kept by a trigger, by the head, dropped', () => {
    for (const [ratio, failing, expected] of [
      [0, true, ['failing', 'GET /', 'late', 'later']],
      [1, false, ['GET /', 'late', 'later']],
      [0, false, []],
    ] as const) {
      const r = rig({ ratio });
      const root = r.start('GET /');
      const late = r.child(root, 'late');
      if (failing) fail(r.child(root, 'failing'));
      root.end();
      r.pass(1030);
      late.end();
      const later = r.child(root, 'later');
      expect([flag(later), th(later)]).toEqual([failing || ratio === 1 ? 1 : 0, ratio === 1 ? '0' : undefined]);
      later.end();
      expect(r.names()).toEqual(expected);
      expect(soundness(r)).toEqual({ twice: 0, unsampled: 0 });
      const { kept, dropped, held } = r.keeper.stats();
      expect([kept, dropped, held.traces]).toEqual(
        failing ? [{ error: 1 }, 0, 0] : ratio === 1 ? [{ head: 1 }, 0, 0] : [{}, 1, 0],
      );
    }
  });

  test('a late error comes alone, with its reason, and is counted once in a trace', () => {
    const r = rig();
    const root = r.start('GET /');
    const [a, b, c] = ['a', 'b', 'c'].map((name) => r.child(root, name)) as [Span, Span, Span];
    root.end();
    r.pass(1030);
    fail(a);
    b.end();
    fail(c);
    expect(r.names()).toEqual(['a', 'c']);
    expect(r.emitted[0]?.attributes['keeptrace.reason']).toBe('error_late');
    expect(r.keeper.stats()).toMatchObject({ triggered: 1, exported: 1, kept: { error_late: 1 } });
    expect(balance(r)).toBe(0);
  });

  test('a word that comes late keeps what still runs and what begins', () => {
    const r = rig();
    const root = r.start('GET /');
    const running = r.child(root, 'running');
    root.end();
    r.pass(1030);
    r.keeper.trigger(root.spanContext().traceId, 'response');
    expect(r.keeper.isForced(root.spanContext().traceId)).toBe(true);
    expect(flag(r.child(root, 'new'))).toBe(1);
    running.end();
    expect(r.names()).toEqual(['running']);
    expect(r.emitted[0]?.attributes['keeptrace.reason']).toBe('response');
  });

  test('retention keeps it within reach for so long, counted from the last of its requests', () => {
    const r = rig({ retentionMs: 500 });
    const reach = (at: number): boolean => {
      const root = r.start('GET /');
      root.end();
      r.pass(at);
      const before = r.emitted.length;
      r.keeper.trigger(root.spanContext().traceId, 'bus');
      return r.emitted.length > before;
    };
    expect([reach(0), reach(490), reach(530)]).toEqual([true, true, false]);
    expect(r.keeper.stats().retentionEffectiveMs).toBe(500);

    const traceId = idWith(0.5, 'b');
    r.start('first', caller(traceId, 0)).end();
    r.pass(300);
    r.start('second', caller(traceId, 0)).end();
    r.pass(300);
    r.keeper.trigger(traceId, 'bus');
    expect(r.names().slice(-2)).toEqual(['first', 'second']);
  });
});

describe('several requests of one trace', () => {
  test('share their fate', () => {
    const r = rig();
    const [a, b] = [r.start('a', caller(low, 0)), r.start('b', caller(low, 0))];
    a.end();
    fail(b);
    expect(r.names()).toEqual(['a', 'b']);
    expect(r.keeper.stats()).toMatchObject({ triggered: 1, exported: 1 });
  });

  test('are kept together when only one came sampled, whichever was first', () => {
    for (const flags of [
      [0, 1],
      [1, 0],
    ] as const) {
      const r = rig();
      const roots = flags.map((f) => r.start(`came ${f}`, caller(high, f, f === 1 ? 'ot=th:e666' : undefined)));
      expect(roots.map(flag)).toEqual([1, 1]);
      for (const root of roots) root.end();
      expect(r.names()).toHaveLength(2);
      expect(soundness(r)).toEqual({ twice: 0, unsampled: 0 });
    }
  });

  test('decide anew when the first was over before the second came', () => {
    const r = rig();
    r.start('first', caller(low, 0)).end();
    fail(r.start('second', caller(low, 0)));
    expect(r.names()).toEqual(['second']);
    expect(r.keeper.stats()).toMatchObject({ dropped: 1, triggered: 1 });
  });
});

test('a span under a parent of another process that was not marked as remote is decided like any other', () => {
  const r = rig({ ratio: 1 });
  const local = trace.setSpanContext(ROOT_CONTEXT, { traceId: low, spanId: '2222222222222222', traceFlags: 1 });
  r.start('job', local, {}, SpanKind.CONSUMER).end();
  expect(r.names()).toEqual(['job']);
  const undecided = trace.setSpanContext(ROOT_CONTEXT, { traceId: high, spanId: '2222222222222222', traceFlags: 0 });
  fail(r.start('failed job', undecided, {}, SpanKind.INTERNAL));
  expect(r.names()).toEqual(['job', 'failed job']);
  expect(r.keeper.stats().held.traces).toBe(0);
});

test('what fails in the hands of the exporter is counted, and does not reach the app', () => {
  const r = rig({
    emit: () => {
      throw new Error('full');
    },
    onThrottled: () => {
      throw new Error('no report');
    },
    keepBudget: 1,
  });
  for (let i = 0; i < 50; i++) fail(r.start('GET /'));
  const { exported, exportFailed, throttled } = r.keeper.stats();
  expect([exported, exportFailed > 0, throttled > 0, balance(r)]).toEqual([0, true, true, 0]);
});

test('flush decides what has ended and leaves what runs; with the running it takes their ended part; close ends it', () => {
  const r = rig({ ratio: 1, retentionMs: 10_000 });
  r.start('resting').end();
  const root = r.start('running');
  r.child(root, 'done').end();
  r.keeper.flush();
  expect(r.names()).toEqual(['resting']);
  r.keeper.flush(true);
  expect(r.names()).toEqual(['resting', 'done']);
  r.keeper.close();
  r.keeper.close();
  expect(vi.getTimerCount()).toBe(0);
  root.end();
  expect(r.names()).toEqual(['resting', 'done', 'running']);
  expect(soundness(r)).toEqual({ twice: 0, unsampled: 0 });
});

test('a span of no interest is forgotten, and so is its age', () => {
  const r = rig();
  const root = r.start('noise');
  const { onEnd } = r.keeper.processor;
  r.keeper.processor.onEnd = r.keeper.processor.forget;
  r.clock.ms += 5000;
  root.end();
  r.keeper.processor.onEnd = onEnd;
  expect(r.keeper.stats()).toMatchObject({ kept: {}, held: { traces: 0 }, requests: {} });
});

describe('noise, of which nothing is ever exported,', () => {
  /** Ends the span as the filter for noise does. */
  const drown = (r: ReturnType<typeof rig>, span: ReturnType<typeof r.start>) => {
    const { onEnd } = r.keeper.processor;
    r.keeper.processor.onEnd = r.keeper.processor.forget;
    span.end();
    r.keeper.processor.onEnd = onEnd;
  };

  test.each([
    ['dropped', 0, 0],
    ['kept', 1, 0],
    ['dropped after retention', 0, 500],
    ['kept after retention', 1, 500],
  ])('is not counted as %s', (_, ratio, retentionMs) => {
    const r = rig({ ratio, retentionMs });
    const root = r.start('receive');
    drown(r, r.child(root));
    drown(r, root);
    r.pass(600);
    const { dropped, kept, held } = r.keeper.stats();
    expect([dropped, kept, held.traces]).toEqual([0, {}, 0]);
  });

  test('does not hide what it came with, nor what still runs under it', () => {
    for (const ratio of [0, 1]) {
      const r = rig({ ratio });
      const root = r.start('GET /');
      drown(r, r.child(root, 'connect'));
      root.end();
      const poll = r.start('receive');
      r.child(poll, 'work').end();
      drown(r, poll);
      const last = r.start('receive');
      const working = r.child(last, 'still at work');
      drown(r, last);
      r.pass(1030);
      working.end();
      expect(r.names()).toEqual(ratio === 0 ? [] : ['GET /', 'work', 'still at work']);
      const { dropped, kept } = r.keeper.stats();
      expect([dropped, kept]).toEqual(ratio === 0 ? [3, {}] : [0, { head: 3 }]);
    }
  });
});

test('waiting for messages is not slow, however long', () => {
  const r = rig({ slowMs: 1000 });
  const poll = () => r.start('q receive', ROOT_CONTEXT, { 'messaging.operation.type': 'receive' }, SpanKind.CONSUMER);
  const [waiting, full, failing] = [poll(), poll(), poll()];
  r.pass(20_000);
  expect([flag(waiting), flag(full)]).toEqual([0, 0]);
  full.end();
  fail(failing);
  expect(r.names()).toEqual(['q receive']);
  expect(r.keeper.stats()).toMatchObject({ triggered: 1, exported: 1, kept: { error: 1 } });
});

test('a clock of the tests of the app makes no request slow', () => {
  const r = rig({ slowMs: 1000, now: undefined as never });
  const root = r.start('GET /');
  const faked = vi.spyOn(performance, 'now').mockReturnValue(1e9);
  root.end();
  faked.mockRestore();
  expect(r.keeper.stats().triggered).toBe(0);
});

test('a service that calls itself misses no part of the trace', () => {
  const r = rig();
  const entry = r.start('GET /');
  const { traceId, spanId } = r.child(entry).spanContext();
  const within = trace.setSpanContext(ROOT_CONTEXT, { traceId, spanId, traceFlags: 0, isRemote: true });
  fail(r.start('GET /inner', within));
  expect(r.emitted.map(({ attributes }) => attributes['keeptrace.partial'])).toEqual([undefined]);
});
