// Owns which dependency made a handler fail: the failed calls made below the span of its message, noted as they end.
import { type Attributes, type Context, createContextKey, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { ReadableSpan, Span, SpanProcessor } from '@opentelemetry/sdk-trace';

/** The same in every copy of this module: the API makes such keys from the text. */
const key = createContextKey('keeptrace.failed-dependencies');
/** Different calls that are remembered of one message. */
const most = 20;

interface Notes {
  note(span: ReadableSpan): void;
}

/** The calls that failed and were not repeated with success, in the order in which they failed. */
export class FailedDependencies {
  readonly #calls = new Map<string, string>();
  #outer: Notes | undefined;

  /** @param around what is active around the handler: a message that is handled within another's handler is a part of that. */
  constructor(around: Context) {
    this.#outer = around.getValue(key) as Notes | undefined;
  }

  /** The handler has settled. Without this, a handler that starts the next one would hold on to all before it. */
  close(): void {
    this.#outer = undefined;
  }

  note(span: ReadableSpan): void {
    this.#outer?.note(span);
    const call = `${span.name} ${pathOf(span.attributes)}`;
    this.#calls.delete(call);
    if (!isFailure(span)) return;
    if (this.#calls.size >= most) this.#calls.delete(this.#calls.keys().next().value as string);
    this.#calls.set(call, dependencyOf(span));
  }

  /** Each once, the one that failed last at the end. */
  names(): string[] {
    return [...new Set([...this.#calls.values()].reverse())].reverse();
  }
}

export function withFailedDependencies(context: Context, failed: FailedDependencies): Context {
  return context.setValue(key, failed);
}

/** Notes the end of each call below a message. Costs every other span one look into its context. */
export function noteFailedDependencies(): SpanProcessor {
  const owners = new WeakMap<ReadableSpan, Notes>();
  return {
    onStart(span: Span, context: Context) {
      if (span.kind !== SpanKind.CLIENT && span.kind !== SpanKind.PRODUCER) return;
      const owner = context.getValue(key) as Notes | undefined;
      if (owner !== undefined) owners.set(span, owner);
    },
    onEnd(span) {
      if (span.kind === SpanKind.CLIENT || span.kind === SpanKind.PRODUCER) owners.get(span)?.note(span);
    },
    forceFlush: async () => {},
    shutdown: async () => {},
  };
}

/** Answers that were asked for: a condition that did not hold is how idempotency and locks say no. */
const expected = new Set<unknown>([
  'ConditionalCheckFailedException',
  'TransactionCanceledException',
  'IdempotentParameterMismatchException',
  'AbortError',
]);

function isFailure({ status, attributes }: ReadableSpan): boolean {
  return status.code === SpanStatusCode.ERROR && !expected.has(attributes['error.type']);
}

/** What an operator would call it: a database, a service of AWS, a broker, else the host. */
function dependencyOf({ attributes, name }: ReadableSpan): string {
  const method = text(attributes['rpc.method']);
  const aws = attributes['rpc.system.name'] === 'aws-api' ? method?.split('/', 1)[0] : undefined;
  return (
    text(attributes['peer.service']) ??
    aws ??
    text(attributes['db.system.name']) ??
    text(attributes['db.system']) ??
    text(attributes['messaging.system.name']) ??
    text(attributes['rpc.service']) ??
    hostOf(attributes) ??
    name
  );
}

function hostOf(attributes: Attributes): string | undefined {
  const host = text(attributes['server.address']) ?? text(attributes['net.peer.name']);
  const port = attributes['server.port'];
  return host === undefined || port === undefined || port === 80 || port === 443 ? host : `${host}:${port}`;
}

function pathOf(attributes: Attributes): string {
  return text(attributes['url.full'])?.split('?', 1)[0] ?? hostOf(attributes) ?? '';
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
