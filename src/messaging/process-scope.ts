// Owns what a handler holds in its hands while it works on a message.
import type { Span } from '@opentelemetry/api';
import type { MessageView } from './message-view.ts';
import { attribute } from './names.ts';
import type { ProcessScope } from './process-options.ts';

export class Scope implements ProcessScope {
  readonly span: Span;
  readonly message: MessageView;
  /** What the handler said itself. */
  dependency: string | undefined;
  #controller: AbortController | undefined;

  constructor(span: Span, message: MessageView) {
    this.span = span;
    this.message = message;
    // Handlers take the scope apart.
    this.dependencyFailed = this.dependencyFailed.bind(this);
    this.idempotent = this.idempotent.bind(this);
  }

  /** Made when it is first asked for, which most handlers never do. */
  get signal(): AbortSignal {
    this.#controller ??= new AbortController();
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    this.#controller ??= new AbortController();
    this.#controller.abort(reason);
  }

  dependencyFailed(name: string): void {
    if (typeof name === 'string' && name !== '') this.dependency = name;
  }

  idempotent(outcome: 'first' | 'replay' | 'conflict'): void {
    this.span.setAttribute(attribute.idempotencyOutcome, outcome);
  }
}
