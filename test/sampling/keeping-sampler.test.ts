// Which thresholds stay on the wire: the true ones of what the head chose, and no other (docs/decisions/0005).
import type { SpanContext } from '@opentelemetry/api';
import { TraceState } from '@opentelemetry/core';
import type { Span } from '@opentelemetry/sdk-trace';
import { describe, expect, test } from 'vitest';
import { flip } from '../../src/sampling/exported-span.ts';
import { caller, fail, flag, idWith, rig, th } from './keeper-rig.ts';

const reached = idWith(0.95);
const missed = idWith(0.05);
const said = (span: Span) => [flag(span), th(span)];
const chosen = () => rig({ ratio: 0.1, head: 'traceidratio' });

describe('what the head chose', () => {
  test('goes on with its threshold when an error forces it, too, and once the request is over', () => {
    const r = chosen();
    const root = r.start('GET /', caller(reached, 0));
    expect(said(root)).toEqual([1, 'e666']);
    fail(r.child(root));
    const call = r.child(root, 'call');
    expect(said(call)).toEqual([1, 'e666']);
    for (const span of [call, root]) span.end();
    expect(r.keeper.stats().held.traces).toBe(0);
    expect(said(r.child(root, 'late call'))).toEqual([1, 'e666']);
  });

  test('goes on with its threshold when an answer forces it, too', () => {
    const r = chosen();
    const root = r.start('GET /', caller(reached, 0));
    r.keeper.trigger(reached, 'response');
    expect(said(r.child(root, 'call'))).toEqual([1, 'e666']);
  });

  test('gives its threshold to another request of the trace, whose caller knows nothing of the choice', () => {
    const r = rig({ ratio: 0.1 });
    r.start('GET /', caller(reached, 1, 'ot=th:e666'));
    expect(said(r.start('GET /', caller(reached, 0)))).toEqual([1, 'e666']);
  });
});

describe('no threshold is on', () => {
  test('what the head did not choose and an error forced', () => {
    const r = chosen();
    const root = r.start('GET /', caller(missed, 0));
    fail(r.child(root));
    expect([said(root), said(r.child(root, 'call'))]).toEqual([
      [1, undefined],
      [1, undefined],
    ]);
  });

  test('a further request of such a trace, although the trace reaches the threshold that its caller says', () => {
    const r = rig({ ratio: 0.1 });
    const undecided = caller(reached, 0, 'ot=th:e666');
    fail(r.child(r.start('GET /', undecided)));
    const further = r.start('GET /', undecided);
    expect([said(further), said(r.child(further, 'call'))]).toEqual([
      [1, undefined],
      [1, undefined],
    ]);
  });

  test('a further request of a sampled trace that an error forced, whose caller says a stale one', () => {
    const r = rig({ ratio: 0.1 });
    const stale = caller(missed, 1, 'ot=th:e666');
    fail(r.child(r.start('GET /', stale)));
    expect(said(r.start('GET /', stale))).toEqual([1, undefined]);
  });

  test('a running span that is forced, whatever it had', () => {
    const context: SpanContext = {
      traceId: missed,
      spanId: '1111111111111111',
      traceFlags: 0,
      traceState: new TraceState('ot=th:e666;rv:00000000000001,vendor=a'),
    };
    flip({ spanContext: () => context } as Span);
    expect([context.traceFlags, context.traceState?.serialize()]).toEqual([1, 'ot=rv:00000000000001,vendor=a']);
  });
});
