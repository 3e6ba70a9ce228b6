// Owns the way of a fragment's spans to the exporter, as the decision about it says, and what the books get to know of it.
import { TraceFlags } from '@opentelemetry/api';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import { exportedSpan, sampledSpan } from './exported-span.ts';
import type { Fragment } from './fragment.ts';
import type { KeeperOptions } from './keeper-contract.ts';
import type { OwnTriggers } from './own-triggers.ts';

type ExportOptions = Pick<KeeperOptions, 'serviceName' | 'spansPerTrace' | 'emit'>;

export class FragmentExports {
  readonly #own: OwnTriggers;
  readonly #serviceName: string;
  readonly #spansPerTrace: number;
  readonly #exporter: (span: ReadableSpan) => void;

  constructor(own: OwnTriggers, { serviceName, spansPerTrace, emit }: ExportOptions) {
    this.#own = own;
    this.#serviceName = serviceName;
    this.#spansPerTrace = spansPerTrace;
    this.#exporter = emit;
  }

  /** The pipeline counts what it loses itself; nothing of a failure here may reach the app. */
  readonly emit = (span: ReadableSpan): boolean => {
    try {
      this.#exporter(span);
      return true;
    } catch {
      return false;
    }
  };

  forced(fragment: Fragment, span: ReadableSpan): void {
    const { forced: reason = 'manual', ownThreshold, head, headThreshold, callerUndecided, evicted } = fragment;
    const threshold = ownThreshold ?? (head ? headThreshold : undefined);
    const partial = callerUndecided || evicted;
    const sent = this.emit(exportedSpan(span, { reason, threshold, partial, serviceName: this.#serviceName }));
    if (sent) fragment.emitted = true;
    // What was kept on another's word or chosen by the head is theirs to bound.
    fragment.spent = ++fragment.streamed > this.#spansPerTrace && ownThreshold !== undefined && !head;
    this.#own.rebook(fragment, sent ? 'exported' : 'exportFailed');
  }

  byHead({ headThreshold }: Fragment, spans: readonly ReadableSpan[]): void {
    for (const span of spans) {
      const sampled = (span.spanContext().traceFlags & TraceFlags.SAMPLED) !== 0;
      this.emit(sampled ? span : sampledSpan(span, headThreshold));
    }
  }
}
