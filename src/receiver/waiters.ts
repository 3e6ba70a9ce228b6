// Promises that wait for spans: settled by an arrival, by their deadline or by the close, never by polling.
import type { ReceivedSpan } from './received-span.ts';

export type SpanCondition = (spans: ReceivedSpan[]) => boolean;

export class Waiters {
  #spans: () => ReceivedSpan[];
  #waiting = new Set<{ check: () => void; fail: (why: string) => void }>();

  constructor(spans: () => ReceivedSpan[]) {
    this.#spans = spans;
  }

  /** Resolves with all spans once `condition` holds; a throwing condition rejects. */
  wait(condition: SpanCondition, timeoutMs: number): Promise<ReceivedSpan[]> {
    return new Promise((resolve, reject) => {
      const settle = (end: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(waiter);
        end();
      };
      const waiter = {
        check: () => {
          try {
            const spans = this.#spans();
            if (condition(spans)) settle(() => resolve(spans));
          } catch (error) {
            settle(() => reject(error));
          }
        },
        fail: (why: string) => settle(() => reject(new Error(`${why}; ${describe(this.#spans())}`))),
      };
      const timer = setTimeout(() => waiter.fail(`the spans waited for did not arrive in ${timeoutMs} ms`), timeoutMs);
      timer.unref();
      this.#waiting.add(waiter);
      waiter.check();
    });
  }

  arrived(): void {
    for (const waiter of [...this.#waiting]) waiter.check();
  }

  close(): void {
    for (const waiter of [...this.#waiting]) waiter.fail('the receiver was closed');
  }
}

function describe(spans: ReceivedSpan[]): string {
  if (spans.length === 0) return 'no span has arrived';
  const names = spans.slice(-20).map((span) => `${String(span.resource['service.name'])}: ${span.name}`);
  return `${spans.length} spans have arrived, the last ones:\n  ${names.join('\n  ')}`;
}
