// Owns what time does to a fragment: its requests turn slow, and after its end it is decided.
import type { Span } from '@opentelemetry/api';
import { type Deadline, Deadlines } from './deadlines.ts';
import type { Fragment } from './fragment.ts';
import { PassingMap } from './passing-map.ts';

export type TimeReason = 'slow' | 'deadline';

type Due = { kind: TimeReason; fragment: Fragment } | { kind: 'settle'; fragment: Fragment };

export class FragmentClock {
  readonly #clock: Deadlines<Due>;
  readonly #now: () => number;
  readonly #turned: (fragment: Fragment, reason: TimeReason) => void;
  /** Of running requests; what has ended is let go at once, however far its deadline. */
  readonly #watched = new PassingMap<Span, Deadline<Due>[]>();
  readonly #settling = new PassingMap<Fragment, Deadline<Due>>();

  constructor(
    turned: (fragment: Fragment, reason: TimeReason) => void,
    settle: (fragment: Fragment) => void,
    now: () => number,
  ) {
    this.#turned = turned;
    this.#now = now;
    this.#clock = new Deadlines(({ kind, fragment }) => {
      if (kind !== 'settle') turned(fragment, kind);
      else if (this.#settling.delete(fragment)) settle(fragment);
    }, now);
  }

  /** @param slowMs, deadlineMs from now; undefined for never */
  watch(fragment: Fragment, root: Span, slowMs: number | undefined, deadlineMs: number | undefined): void {
    const deadlines: Deadline<Due>[] = [];
    if (deadlineMs !== undefined) deadlines.push(this.#clock.add({ kind: 'deadline', fragment }, coarse(deadlineMs)));
    if (slowMs !== undefined) deadlines.push(this.#clock.add({ kind: 'slow', fragment }, slowMs));
    if (deadlines.length > 0) this.#watched.set(root, deadlines);
  }

  /**
   * The request has ended, or is one that no clock is to judge any more.
   *
   * @param tell what the timer could not, because the process was busy
   */
  unwatch(root: Span, tell = true): void {
    const deadlines = this.#watched.get(root);
    if (deadlines === undefined) return;
    this.#watched.delete(root);
    const now = this.#now();
    for (const deadline of deadlines) {
      const due = deadline.item;
      this.#clock.cancel(deadline);
      if (tell && due !== undefined && due.kind !== 'settle' && deadline.at <= now)
        this.#turned(due.fragment, due.kind);
    }
  }

  settleIn(fragment: Fragment, ms: number): void {
    this.wake(fragment);
    this.#settling.set(fragment, this.#clock.add({ kind: 'settle', fragment }, ms));
  }

  /** A request of the trace has begun: it is not at its end after all. */
  wake(fragment: Fragment): void {
    const deadline = this.#settling.get(fragment);
    if (deadline === undefined) return;
    this.#settling.delete(fragment);
    this.#clock.cancel(deadline);
  }

  /** The fragment is decided; what still runs of it is nobody's request any more. */
  forget(fragment: Fragment): void {
    this.wake(fragment);
    for (const span of fragment.open) {
      for (const deadline of this.#watched.get(span) ?? []) this.#clock.cancel(deadline);
      this.#watched.delete(span);
    }
  }

  stop(): void {
    this.#clock.stop();
    this.#watched.clear();
    this.#settling.clear();
  }
}

/** Callers may name any deadline; few different distances keep the clock cheap. Never earlier than asked. */
function coarse(ms: number): number {
  const step = ms < 5_000 ? 25 : 1_000;
  return Math.ceil(ms / step) * step;
}
