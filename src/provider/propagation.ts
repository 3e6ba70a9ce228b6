// Owns what goes onto the wire: the configured propagators behind one that never writes an empty or illegal value.
import type { Context, TextMapGetter, TextMapPropagator, TextMapSetter } from '@opentelemetry/api';
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from '@opentelemetry/core';
import { B3InjectEncoding, B3Propagator } from '@opentelemetry/propagator-b3';

export type PropagatorName = 'tracecontext' | 'baggage' | 'b3' | 'b3multi';

const create: Record<PropagatorName, () => TextMapPropagator> = {
  tracecontext: () => new W3CTraceContextPropagator(),
  baggage: () => new W3CBaggagePropagator(),
  b3: () => new B3Propagator(),
  b3multi: () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER }),
};

/**
 * @param names in the order of `OTEL_PROPAGATORS`; an empty list propagates nothing
 * @param onDropped called with the field's name, never its value, whenever one could not be sent
 */
export function createPropagator(
  names: readonly PropagatorName[],
  onDropped: (field: string) => void = () => {},
): TextMapPropagator {
  return new GuardedPropagator(
    new CompositePropagator({ propagators: names.map((name) => create[name]()) }),
    onDropped,
  );
}

/** RFC 9110 field-value bytes that Node and undici accept; blank alone is refused too, since AWS rejects it. */
const legal = /^(?=.*[^ \t])[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Two incidents this prevents: baggage metadata with a line break makes undici throw from its diagnostics channel,
 * which ends the process; and an empty message attribute makes SQS refuse the whole message.
 */
class GuardedPropagator implements TextMapPropagator {
  readonly #inner: TextMapPropagator;
  readonly #onDropped: (field: string) => void;
  /** One guard per setter, so that injecting allocates nothing. */
  readonly #guards = new WeakMap<object, TextMapSetter>();

  constructor(inner: TextMapPropagator, onDropped: (field: string) => void) {
    this.#inner = inner;
    this.#onDropped = onDropped;
  }

  inject<Carrier>(context: Context, carrier: Carrier, setter: TextMapSetter<Carrier>): void {
    this.#inner.inject(context, carrier, this.#guard(setter as TextMapSetter));
  }

  extract<Carrier>(context: Context, carrier: Carrier, getter: TextMapGetter<Carrier>): Context {
    return this.#inner.extract(context, carrier, getter);
  }

  fields(): string[] {
    return this.#inner.fields();
  }

  #guard(setter: TextMapSetter): TextMapSetter {
    let guard = this.#guards.get(setter);
    if (guard === undefined) {
      guard = {
        set: (carrier, key, value) => {
          if (typeof value === 'string' && legal.test(value)) setter.set(carrier, key, value);
          // Nothing is lost of an empty one: what was in the tracestate of a kept trace may all have been taken out.
          else if (value !== '') this.#onDropped(key);
        },
      };
      this.#guards.set(setter, guard);
    }
    return guard;
  }
}
