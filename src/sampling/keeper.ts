// Owns the way of a span from its start to "kept" or "dropped": joins the parts of this folder, each in its own file.
import { type Attributes, type SpanContext, TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan, Span } from '@opentelemetry/sdk-trace';
import { decide } from './decide.ts';
import { flip } from './exported-span.ts';
import { type Fragment, isLocalRoot, isOwnReason, type KeepReason } from './fragment.ts';
import { FragmentBuffer } from './fragment-buffer.ts';
import { FragmentClock } from './fragment-clock.ts';
import { FragmentExports } from './fragment-exports.ts';
import { isErrorSpan } from './is-error.ts';
import type { Keeper, KeeperOptions } from './keeper-contract.ts';
import { keepingSampler } from './keeping-sampler.ts';
import { LateSpans } from './late-spans.ts';
import { otValue, soundThreshold } from './ot-state.ts';
import { OwnTriggers } from './own-triggers.ts';
import { RequestCounter } from './request-counts.ts';
import { type RouteRule, ruleOf } from './route-rules.ts';
import { readDeadline } from './slow-deadline.ts';
import { randomnessOf } from './threshold.ts';

export type { Keeper, KeeperOptions } from './keeper-contract.ts';

/** Traces known at once. At some 100 bytes each this is the smaller part of the memory. */
const MOST_TRACES = 50_000;
/** What a running span is taken to cost; how many are known at once follows from the size of the buffer. */
const OPEN_SPAN_BYTES = 1_000;
/** A span that was started and never ended must not hold its trace for ever. */
const LINGER_MS = 1_000;
/** Bound when loaded, so that a clock which the app fakes makes nothing slow and no budget empty. */
const monotonicNow = performance.now.bind(performance);

export function createKeeper(options: KeeperOptions): Keeper {
  const { slowMs, keepErrors, retentionMs, routes, serviceName, now = monotonicNow } = options;
  const requests = new RequestCounter(now);
  const own = new OwnTriggers(options.keepBudget, options.onThrottled, now);
  const kept: Partial<Record<KeepReason, number>> = {};
  const countKept = (reason: KeepReason): void => {
    kept[reason] = (kept[reason] ?? 0) + 1;
  };
  const out = new FragmentExports(own, options);
  const late = new LateSpans({ own, keepErrors, serviceName, emit: out.emit, kept: countKept });
  const clock = new FragmentClock(force, settle, now);
  const buffer = new FragmentBuffer(
    {
      bytes: options.bufferBytes,
      spansPerTrace: options.spansPerTrace,
      traces: MOST_TRACES,
      openSpans: Math.max(1_000, Math.floor(options.bufferBytes / OPEN_SPAN_BYTES)),
    },
    { spans: decideEarly, traces: letGo },
  );
  const books = { dropped: 0, decidedEarly: 0 };
  let shortestHold = Number.POSITIVE_INFINITY;

  function limitOf(rule: RouteRule | undefined, attributes?: Attributes): number | undefined {
    // A poller is there to wait.
    if (attributes?.['messaging.operation.type'] === 'receive') return undefined;
    if (rule?.slowMs === 'off' || rule?.keep === 'never') return undefined;
    return rule?.slowMs ?? slowMs;
  }

  function onStart(span: Span): void {
    const context = span.spanContext();
    const { traceId } = context;
    const isRoot = isLocalRoot(span);
    buffer.makeRoom();
    const sampled = (context.traceFlags & TraceFlags.SAMPLED) !== 0;
    let fragment = buffer.get(traceId);
    const follows = isRoot && fragment?.spent === true;
    if (fragment !== undefined && follows) {
      books.decidedEarly++;
      settle(fragment);
      fragment = undefined;
    }
    if (fragment === undefined) {
      // Work that goes on under a parent whose trace was decided shares its fate, and is no trace of its own.
      if (!isRoot && late.past.get(traceId) !== undefined) return;
      fragment = buffer.create(traceId);
      fragment.rv = otValue(context.traceState, 'rv');
      fragment.follows = follows;
    }
    // Work of a request that began before, and is kept with that.
    if (sampled && !isRoot && fragment.follows && !fragment.head && fragment.forced === undefined) return;
    if (sampled) chosen(fragment, context);
    // One too many of a trace is not followed; at its end it is taken like the others.
    if (!isRoot && fragment.open.size >= options.spansPerTrace) return;
    buffer.start(fragment, span);
    if (isRoot) begin(fragment, span);
  }

  /** Of every span, since work can go on under a parent of another process or a trace that was forgotten. */
  function chosen(fragment: Fragment, context: SpanContext): void {
    if (fragment.head || fragment.forced !== undefined) return;
    fragment.head = true;
    fragment.headThreshold = soundThreshold(context.traceId, context.traceState);
    // Another request of the same trace came unsampled: they are kept together.
    for (const span of fragment.open) flip(span);
  }

  function begin(fragment: Fragment, root: Span): void {
    const { parentSpanContext: parent } = root;
    fragment.openRoots++;
    fragment.restedAt = undefined;
    buffer.wake(fragment);
    clock.wake(fragment);
    if (parent !== undefined && !fragment.callerUndecided) fragment.callerUndecided = !isTold(fragment, parent);
    const rule = ruleOf(routes, root.attributes['url.path']);
    fragment.never = fragment.never !== false && rule?.keep === 'never';
    if (rule?.keep === 'always') force(fragment, 'manual');
    // From the span's own state, which has lost the entries of callers that are not trusted.
    const left = parent === undefined ? undefined : readDeadline(root.spanContext().traceState, Date.now());
    clock.watch(fragment, root, limitOf(rule, root.attributes), left);
  }

  /** The caller keeps its part by itself, or it is this very process. */
  function isTold({ open }: Fragment, { traceFlags, spanId }: SpanContext): boolean {
    if ((traceFlags & TraceFlags.SAMPLED) !== 0) return true;
    for (const span of open) if (span.spanContext().spanId === spanId) return true;
    return false;
  }

  function onEnd(span: ReadableSpan): void {
    const failed = isErrorSpan(span);
    if (isLocalRoot(span)) requests.count(span, failed);
    const fragment = close(span);
    if (fragment === undefined) {
      late.end(span, failed);
      return;
    }
    fragment.real = true;
    if (failed && keepErrors) force(fragment, 'error');
    clock.unwatch(span as Span);
    if (fragment.forced !== undefined) out.forced(fragment, span);
    else if (!fragment.evicted) buffer.hold(fragment, span);
    else if (fragment.head) out.byHead(fragment, [span]);
    ended(fragment, isLocalRoot(span));
  }

  /** Undefined for a span whose trace has been decided and let go. */
  function close(span: ReadableSpan): Fragment | undefined {
    const { traceId } = span.spanContext();
    const fragment = buffer.get(traceId);
    if (fragment === undefined || buffer.end(fragment, span as Span)) return fragment;
    // Not followed: one too many of this fragment, or left over from an earlier one of the same trace.
    return late.past.get(traceId) === undefined && !isLocalRoot(span) ? fragment : undefined;
  }

  function ended(fragment: Fragment, isRoot: boolean): void {
    if (isRoot) fragment.openRoots--;
    if (fragment.openRoots > 0 || !fragment.live) return;
    if (fragment.open.size === 0 && retentionMs === 0) settle(fragment);
    else if (isRoot) rest(fragment);
  }

  /** Its roots have ended. Children that still run get a while, and so does a late word from outside. */
  function rest(fragment: Fragment): void {
    fragment.restedAt = now();
    buffer.rest(fragment);
    clock.settleIn(fragment, Math.max(retentionMs, fragment.open.size > 0 ? LINGER_MS : 0));
  }

  function trigger(traceId: string, reason: KeepReason): void {
    const fragment = buffer.get(traceId);
    if (fragment === undefined) late.trigger(traceId, reason);
    else force(fragment, reason);
  }

  function force(fragment: Fragment, reason: KeepReason): void {
    if (isOwnReason(reason) && !ownTrigger(fragment, reason)) return;
    if (fragment.forced !== undefined) return;
    fragment.forced = reason;
    countKept(reason);
    for (const span of fragment.open) flip(span);
    for (const span of buffer.take(fragment)) out.forced(fragment, span);
  }

  /** Counted once in a trace. False: nothing follows from it. */
  function ownTrigger(fragment: Fragment, reason: KeepReason): boolean {
    if (fragment.triggered || fragment.never === true) return false;
    fragment.triggered = true;
    const { traceId, rv, head, headThreshold, ended, open, evicted } = fragment;
    const threshold = own.admit(randomnessOf(traceId, rv), head ? headThreshold : undefined);
    if (threshold === undefined) return false;
    fragment.ownThreshold = threshold;
    // An error comes with its span. Otherwise nothing is left; what may still come of the trace is kept.
    const gone = evicted && ended.length === 0 && open.size === 0 && reason !== 'error';
    fragment.booked = gone ? 'evicted' : 'exported';
    own.counts[fragment.booked]++;
    return true;
  }

  /** With what is there: by the head, since nothing has forced it. */
  function decideEarly(fragment: Fragment): void {
    countEarly(fragment);
    if (fragment.restedAt !== undefined) shortestHold = Math.min(shortestHold, now() - fragment.restedAt);
    if (fragment.head) out.byHead(fragment, fragment.ended);
  }

  function letGo(fragment: Fragment): void {
    countEarly(fragment);
    settle(fragment);
  }

  function countEarly(fragment: Fragment): void {
    if (fragment.forced === undefined && !fragment.evicted) books.decidedEarly++;
    fragment.evicted = true;
  }

  function settle(fragment: Fragment): void {
    const decision = decide(fragment);
    // Of mere noise there is nothing to keep or to drop.
    const counts = fragment.real || fragment.open.size > 0;
    if (fragment.forced !== undefined) {
      if (!fragment.emitted) own.rebook(fragment, 'evicted');
    } else if (decision.keep) {
      if (counts) countKept(decision.reason);
      out.byHead(fragment, fragment.ended);
    } else if (counts) books.dropped++;
    const { rv, triggered, never, booked } = fragment;
    const quiet = triggered || never === true;
    clock.forget(fragment);
    buffer.delete(fragment);
    if (!decision.keep && fragment.follows && late.wasForced(fragment.traceId)) return;
    late.remember(
      fragment.traceId,
      decision.keep
        ? { kept: true, reason: decision.reason, threshold: decision.threshold, rv, quiet, booked }
        : { kept: false, reason: 'evicted', threshold: undefined, rv, quiet, booked },
    );
  }

  const forcedNow = (traceId: string): boolean => {
    const fragment = buffer.get(traceId);
    return fragment === undefined ? late.wasForced(traceId) : fragment.forced !== undefined;
  };

  return {
    processor: {
      onStart,
      onEnd,
      forget(span) {
        const fragment = close(span);
        clock.unwatch(span as Span, false);
        if (fragment !== undefined) ended(fragment, isLocalRoot(span));
      },
      forceFlush: async () => {},
      shutdown: async () => {},
    },
    sampler: (head) =>
      keepingSampler(head, {
        fragment: (traceId) => buffer.get(traceId),
        wasForced: (traceId) => late.wasForced(traceId),
        deadlineMs: (path) => (options.slowDeadline ? limitOf(ruleOf(routes, path)) : undefined),
      }),
    trigger,
    isKept: (traceId) => buffer.get(traceId)?.head === true || forcedNow(traceId),
    isForced: forcedNow,
    streams: (span) => clock.unwatch(span),
    stats: () => ({
      ...own.counts,
      ...books,
      kept: { ...kept },
      held: buffer.stats(),
      retentionEffectiveMs: Math.min(retentionMs, shortestHold),
      requests: requests.stats(),
    }),
    flush(running = false) {
      for (const fragment of buffer.all()) {
        if (fragment.openRoots === 0) settle(fragment);
        else if (running && fragment.forced === undefined) buffer.give(fragment);
      }
    },
    drain() {
      const rested = now() - LINGER_MS;
      for (const fragment of buffer.all()) {
        if (fragment.openRoots > 0) continue;
        if (fragment.open.size === 0 || (fragment.restedAt ?? rested) <= rested) settle(fragment);
      }
    },
    close() {
      for (const fragment of buffer.all()) settle(fragment);
      clock.stop();
    },
  };
}
