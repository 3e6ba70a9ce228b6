// What makes tracing quiet, for keeptrace/testing: it is there for whoever looks, and changes nothing for anybody else.
import type { TextMapPropagator } from '@opentelemetry/api';
import type { Sampler } from '@opentelemetry/sdk-trace';

export interface Quiet {
  gateSampler(sampler: Sampler): Sampler;
  gatePropagator(propagator: TextMapPropagator): TextMapPropagator;
}
