// Owns what is told of losses where the user looks for spans: in the backend, as one span that goes with the next batch.
import { randomBytes } from 'node:crypto';
import { type Attributes, SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { millisToHrTime } from '@opentelemetry/core';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { PipelineEvents } from '../events.ts';

/** Name of the span. */
export const LOSS_SPAN = 'keeptrace.loss';
const EVERY_MS = 60_000;
/** A report that did not arrive is made anew after that. */
const AGAIN_MS = 5_000;
/** Reasons are few; this holds if they are made up. */
const MOST_REASONS = 32;

export interface LossReportOptions {
  /** Monotonic milliseconds. */
  now: () => number;
  /** Unix milliseconds. */
  wall?: () => number;
}

export interface LossReport {
  /** `spans` were given up for `reason`, or refused by the destination (`rejected`). */
  lost(reason: string, spans: number): void;
  /**
   * The span that tells what has not been told, at most once a minute and one at a time: until `delivered` or
   * `undelivered` there is no other. To be asked when a batch is sealed that is likely to be taken.
   * @param last no later batch will come, so that the minute does not count
   */
  take(resource: ReadableSpan['resource'], last?: boolean): ReadableSpan | undefined;
  /** The batch that carries it was accepted. */
  delivered(): void;
  /** That batch is lost or refused: its report goes with the next. */
  undelivered(): void;
}

interface Losses {
  since: number;
  until: number;
  spans: Map<string, number>;
}

export function createLossReport({ now, wall = Date.now }: LossReportOptions): LossReport {
  let untold: Losses | undefined;
  let onItsWay: Losses | undefined;
  let takenAt = Number.NEGATIVE_INFINITY;

  return {
    lost(reason, spans) {
      if (spans <= 0) return;
      const at = wall();
      untold ??= { since: at, until: at, spans: new Map() };
      untold.until = at;
      add(untold.spans, reason, spans);
    },
    take(resource, last = false) {
      if (!untold || onItsWay || (!last && now() - takenAt < EVERY_MS)) return undefined;
      takenAt = now();
      onItsWay = untold;
      untold = undefined;
      return lossSpan(onItsWay, resource);
    },
    delivered() {
      onItsWay = undefined;
    },
    undelivered() {
      if (!onItsWay) return;
      takenAt = Math.min(takenAt, now() - EVERY_MS + AGAIN_MS);
      if (untold) {
        onItsWay.until = untold.until;
        for (const [reason, spans] of untold.spans) add(onItsWay.spans, reason, spans);
      }
      untold = onItsWay;
      onItsWay = undefined;
    },
  };
}

/** Has `report` hear of what is lost, and passes everything on to `on`. */
export function hearLosses(on: PipelineEvents, report: Pick<LossReport, 'lost'>): PipelineEvents {
  return {
    ...on,
    rejected(event) {
      report.lost('rejected', event.spans);
      on.rejected?.(event);
    },
    dropped(event) {
      report.lost(event.reason, event.spans);
      on.dropped?.(event);
    },
  };
}

function add(to: Map<string, number>, reason: string, spans: number): void {
  const key = to.has(reason) || to.size < MOST_REASONS ? reason : 'others';
  to.set(key, (to.get(key) ?? 0) + spans);
}

/** From the first loss to the last. A trace of its own, so that it distorts nobody else's. */
function lossSpan({ since, until, spans }: Losses, resource: ReadableSpan['resource']): ReadableSpan {
  let total = 0;
  // As for every span that was chosen already: a collector is not to sample it again.
  const attributes: Attributes = { 'sampling.priority': 1 };
  for (const [reason, count] of spans) {
    total += count;
    attributes[`keeptrace.lost.${reason}`] = count;
  }
  attributes['keeptrace.lost'] = total;
  const traceId = randomBytes(16).toString('hex');
  const spanId = randomBytes(8).toString('hex');
  // A clock that was set back would make a negative duration.
  const end = Math.max(since, until);
  return {
    name: LOSS_SPAN,
    kind: SpanKind.INTERNAL,
    spanContext: () => ({ traceId, spanId, traceFlags: TraceFlags.SAMPLED }),
    startTime: millisToHrTime(since),
    endTime: millisToHrTime(end),
    duration: millisToHrTime(end - since),
    status: { code: SpanStatusCode.UNSET },
    attributes,
    links: [],
    events: [],
    ended: true,
    resource,
    instrumentationScope: { name: 'keeptrace', version: __VERSION__ },
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
