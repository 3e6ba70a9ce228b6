// Owns tracing one AWS client by the SDK's own middleware: for apps bundled into one file, whose clients no instrumentation
// sees, and for the context that only an HTTP header can carry.
import { context, isSpanContextValid, type Span, trace } from '@opentelemetry/api';
import { suppressTracing } from '@opentelemetry/core';
import { describeError } from '../span/record-error.ts';
import type { AwsCall, Prepared, SendOptions } from './aws-call.ts';
import { prepareCall } from './aws-send.ts';
import { describeAnswer, describeFailure, instrumentedSpan, startAwsSpan } from './own-aws-span.ts';
import { needsHeader, putHeader } from './trace-header.ts';
import { withFields } from './with-fields.ts';

interface Args {
  input: Record<string, unknown>;
  request?: unknown;
}
type Next = (args: Args) => Promise<{ output?: unknown }>;
/** One object a call, shared by the middleware of all steps. */
type Call = { commandName?: string; clientName?: string; [header]?: Span };
type Middleware = (next: Next, call: Call) => Next;
interface Stack {
  add(middleware: Middleware, options: { step: string; name: string; override: true; priority: string }): void;
}

const header = Symbol('keeptrace.header');

/**
 * Traces what an AWS SDK v3 client does and sends the trace along with its messages: `traceAwsClient(new SQSClient({}))`.
 * Needed in an app that is bundled; elsewhere the spans are there already, and it adds what goes in an HTTP header only
 * (SNS with ten attributes or `MessageStructure: 'json'`, Lambda with `Event`). Calling it twice is calling it once.
 *
 * @param options in place of the settings `messageBaggage` and `messageSpans`, where no instrumentation sees the client
 * @returns the same client; never throws
 */
export function traceAwsClient<T extends object>(client: T, options: SendOptions = {}): T {
  try {
    const { middlewareStack: stack, config } = client as { middlewareStack?: Stack; config?: { serviceId?: string } };
    const name = (step: string) => ({ step, name: `keeptrace-${step}`, override: true as const });
    stack?.add(sending(config?.serviceId, options), { ...name('initialize'), priority: 'high' });
    stack?.add(heading, { ...name('build'), priority: 'low' });
  } catch {
    // No such client, or one that is frozen: it works on untraced.
  }
  return client;
}

/** After whatever the SDK itself writes into that header. */
const heading: Middleware = (next, call) => (args) => {
  const span = call[header];
  if (span !== undefined) quietly(() => putHeader(args.request, span));
  return next(args);
};

function sending(serviceId: string | undefined, options: SendOptions): Middleware {
  return (next, handled) => {
    const service = serviceId ?? (handled.clientName ?? 'AWS').replace(/Client$/, '');
    const command = (handled.commandName ?? '').replace(/Command$/, '');
    return (args) => {
      const call: AwsCall = { service, command, input: args.input };
      const around = instrumentedSpan();
      if (around !== undefined) {
        const { args: filled, settle } = withContext(call, args, around, handled, options);
        return settle === undefined ? next(filled) : settled(next(filled), settle);
      }
      const span = quietly(() => startAwsSpan(call));
      // What is not recorded still has a context, which says that it is not.
      if (span === undefined || !isSpanContextValid(span.spanContext())) return next(args);
      const sent = withContext(call, args, span, handled, options);
      const inside = suppressTracing(trace.setSpan(context.active(), span));
      return context
        .with(inside, async () => next(sent.args))
        .then(
          (result) => {
            quietly(() => describeAnswer(span, command, result?.output));
            quietly(() => sent.settle?.(result?.output));
            quietly(() => span.end());
            return result;
          },
          (error: unknown) => {
            const type = quietly(() => describeFailure(span, error)) ?? '_OTHER';
            quietly(() => sent.settle?.(undefined, type));
            quietly(() => span.end());
            throw error;
          },
        );
    };
  };
}

/** The span is the instrumentation's to end; those of the messages are ours. */
function settled(going: ReturnType<Next>, settle: NonNullable<Prepared['settle']>): ReturnType<Next> {
  return going.then(
    (result) => {
      quietly(() => settle(result?.output));
      return result;
    },
    (error: unknown) => {
      quietly(() => settle(undefined, describeError(error).type));
      throw error;
    },
  );
}

/** A copy of `args` that carries `span`, unless the hooks of the instrumentation have seen to that. */
function withContext(call: AwsCall, args: Args, span: Span, handled: Call, options: SendOptions) {
  try {
    const key = 'messaging.context.carrier';
    const done = (span as { attributes?: Record<string, unknown> }).attributes?.[key];
    const prepared = done === undefined ? prepareCall(call, span, context.active(), options) : undefined;
    const carrier = done ?? prepared?.carrier;
    if (needsHeader(call, carrier)) handled[header] = span;
    const said = carrier === 'none' && handled[header] !== undefined ? 'http_header' : carrier;
    if (typeof said === 'string' && said !== done) span.setAttribute(key, said);
    if (prepared === undefined) return { args };
    return { args: { ...args, input: withFields(args.input, prepared.fields) }, settle: prepared.settle };
  } catch {
    return { args };
  }
}

/** Whatever tracing trips over, the call of the app goes on. */
function quietly<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch {
    return undefined;
  }
}
