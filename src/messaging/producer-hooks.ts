// Owns sending context with the calls that the official aws-sdk instrumentation traces, through its public hooks.
import { context, diag, type Span } from '@opentelemetry/api';
import type { Prepared, SendOptions } from './aws-call.ts';
import { isPrepared, prepareCall } from './aws-send.ts';
import { callersInput, overlay, uncover } from './input-overlay.ts';
import { hasHeader } from './trace-header.ts';

/** What the instrumentation hands to its hooks. */
interface Request {
  serviceName: string;
  commandName: string;
  commandInput: Record<string, unknown>;
}

export interface ProducerHooks {
  /** Before the request goes out, outside of its span. */
  before(span: Span, request: Request): void;
  /** With the answer or the error's type, before the span ends. */
  after(span: Span, output: unknown, error?: string): void;
}

const noPlace =
  'an SNS message goes out without its trace: it has ten attributes of its own, or is near the size limit. Leave one of ' +
  'the ten free, or send with traceAwsClient of keeptrace/messaging.';

export function createProducerHooks(options: SendOptions = {}): ProducerHooks {
  const open = new WeakMap<Span, Prepared & { service: string; input: Record<string, unknown> }>();
  return {
    before(span, request) {
      const { serviceName: service, commandName: command, commandInput: input } = request;
      if (typeof input !== 'object' || input === null || !isPrepared(service, command)) return;
      const prepared = prepareCall({ service, command, input: callersInput(input) }, span, context.active(), options);
      if (prepared === undefined) return;
      const seen = overlay(input, span, prepared.fields);
      const carrier = seen ? prepared.carrier : 'none';
      if (carrier !== undefined) span.setAttribute('messaging.context.carrier', carrier);
      // The instrumentation now writes into this object, and no longer into the caller's.
      request.commandInput = {};
      open.set(span, { ...prepared, service, input });
    },
    after(span, output, error) {
      const call = open.get(span);
      if (call === undefined) return;
      open.delete(span);
      uncover(call.input, span);
      call.settle?.(output, error);
      const { service, carrier } = call;
      const lacks = service === 'SNS' && (carrier === 'none' || carrier === 'mixed');
      if (lacks && error === undefined && !hasHeader(span)) diag.warn(noPlace);
    },
  };
}
