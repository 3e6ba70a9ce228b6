// What a downstream process can be called with: a client span in each of the situations, and what is left of it on the wire.
import { type Context, ROOT_CONTEXT, type TextMapSetter, trace } from '@opentelemetry/api';
import type { Span } from '@opentelemetry/sdk-trace';
import { createPropagator } from '../../src/provider/propagation.ts';
import { cutDeadlineAtQueues } from '../../src/sampling/slow-deadline.ts';
import { caller, fail, idWith, type RigOptions, rig } from './keeper-rig.ts';

/** As src/init-tracing.ts puts it together. */
const propagator = cutDeadlineAtQueues(createPropagator(['tracecontext', 'baggage']));
const setter: TextMapSetter<Record<string, string>> = {
  set: (carrier, key, value) => void Object.assign(carrier, { [key]: value }),
};

/** Over the wire and back, as a downstream process sees it. */
export function received(span: Pick<Span, 'spanContext'>): Context {
  const headers: Record<string, string> = {};
  propagator.inject(trace.setSpan(ROOT_CONTEXT, span as Span), headers, setter);
  return propagator.extract(ROOT_CONTEXT, headers, { get: (from, key) => from[key], keys: Object.keys });
}

export type Situation = (options?: RigOptions) => Span;
export const kept = idWith(0.95);
export const dropped = idWith(0.05);
const callee = (r: ReturnType<typeof rig>, root: Span) => r.child(root, 'call');

/** A client span in each of the situations, for a trace above and one below the threshold of the head. */
export const situations: Record<string, { make: Situation; sampled: boolean }> = {
  'undecided, begun by an undecided caller': {
    sampled: false,
    make: () => {
      const r = rig({ ratio: 0.1 });
      return callee(r, r.start('GET /', caller(kept, 0, 'ot=th:e666')));
    },
  },
  'undecided, begun here': {
    sampled: false,
    make: () => {
      const r = rig({ ratio: 0 });
      return callee(r, r.start('GET /'));
    },
  },
  'chosen by the head here': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 1 });
      return callee(r, r.start('GET /'));
    },
  },
  'chosen by the caller, with its threshold': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      return callee(r, r.start('GET /', caller(kept, 1, 'ot=th:e666')));
    },
  },
  'chosen by another request of the trace, under a threshold that its own randomness does not reach': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      r.start('GET /', caller(dropped, 1, 'ot=th:e666;rv:ffffffffffffff'));
      return callee(r, r.start('GET /', caller(dropped, 0)));
    },
  },
  'forced by the caller, with a threshold that excludes the trace': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      return callee(r, r.start('GET /', caller(dropped, 1, 'ot=th:e666')));
    },
  },
  'forced here, before the call begins': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      const root = r.start('GET /', caller(dropped, 0, 'ot=th:e666'));
      fail(r.child(root));
      return callee(r, root);
    },
  },
  'forced here, in a further request of the same trace': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      fail(r.child(r.start('GET /', caller(dropped, 0, 'ot=th:e666'))));
      return callee(r, r.start('GET /', caller(dropped, 0, 'ot=th:e666')));
    },
  },
  'forced here, while the call runs': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      const root = r.start('GET /', caller(dropped, 0, 'ot=th:e666'));
      const call = callee(r, root);
      r.keeper.trigger(root.spanContext().traceId, 'response');
      return call;
    },
  },
  'forced here, under a span that has ended and weighs 1': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      const root = r.start('GET /', caller(dropped, 0, 'ot=th:e666'));
      const failing = r.child(root);
      fail(failing);
      return callee(r, failing);
    },
  },
  'forced here, after the request has ended': {
    sampled: true,
    make: () => {
      const r = rig({ ratio: 0.1 });
      const root = r.start('GET /', caller(dropped, 0, 'ot=th:e666'));
      fail(root);
      return callee(r, root);
    },
  },
};
