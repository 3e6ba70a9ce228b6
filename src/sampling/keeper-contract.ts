// What the keeper takes and gives.
import type { Span } from '@opentelemetry/api';
import type { ReadableSpan, Sampler, SpanProcessor } from '@opentelemetry/sdk-trace';
import type { KeepReason } from './fragment.ts';
import type { RouteRule } from './route-rules.ts';
import type { SamplingStats } from './sampling-stats.ts';

export interface KeeperOptions {
  serviceName: string;
  /** Age in milliseconds at which a running request is slow; undefined for never. */
  slowMs: number | undefined;
  keepErrors: boolean;
  /** Traces a second kept for reasons of this process; undefined for no limit. */
  keepBudget: number | undefined;
  bufferBytes: number;
  spansPerTrace: number;
  /** How long an ended trace stays within reach of a late word, in milliseconds. */
  retentionMs: number;
  /** Tell callees the time at which the request is slow, in the tracestate. */
  slowDeadline: boolean;
  routes: readonly RouteRule[];
  emit(span: ReadableSpan): void;
  /** A trace that wanted to be kept was over the budget. */
  onThrottled?(): void;
  /** Monotonic milliseconds. */
  now?(): number;
}

export interface Keeper {
  readonly processor: SpanProcessor & {
    /** The span has ended and is of no interest. */ forget(span: ReadableSpan): void;
  };
  sampler(head: Sampler): Sampler;
  /** Never throws; a trace that is not in this process is ignored. */
  trigger(traceId: string, reason: KeepReason): void;
  /** By whatever: the head, a trigger, another's word. */
  isKept(traceId: string): boolean;
  /** Kept by a trigger or on another's word, not by the head alone. */
  isForced(traceId: string): boolean;
  /** The request is answered by a stream, which is long by design: from now on no clock watches it. */
  streams(span: Span): void;
  stats(): SamplingStats;
  /** Decides what is over, and with `running` the ended part of what is not: nothing more may come. */
  flush(running?: boolean): void;
  /** Decides what is over, but leaves children that outlive their request the second that they have: they may yet fail. */
  drain(): void;
  /** Decides everything, running or not, and stops the clock. */
  close(): void;
}
