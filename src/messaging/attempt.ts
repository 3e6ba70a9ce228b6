// Owns what the span of an attempt at a message says at its end: how it went, what it failed of, whether it was the last.
import type { Attributes, Span } from '@opentelemetry/api';
import { recordError } from '../span/record-error.ts';
import { ask } from './ask.ts';
import { attribute, deadLettered } from './names.ts';
import type { ProcessOptions } from './process-options.ts';

export interface Circumstances {
  attempt: number | undefined;
  options: Pick<ProcessOptions, 'classifyError' | 'maxReceiveCount'>;
  /** What the handler said. */
  dependency: string | undefined;
  /** What its calls tell. */
  failedCalls: string[];
}

export function succeeded(span: Span): void {
  tell(() => span.setAttribute(attribute.jobOutcome, 'success'));
}

/** @param type `error.type`, when it is not that of the error */
export function failed(span: Span, error: unknown, circumstances: Circumstances, type?: string): void {
  tell(() => {
    const { attempt, options } = circumstances;
    const verdict = options.classifyError && ask(options.classifyError, error);
    recordError(span, error);
    const named = type ?? verdict?.type;
    if (named !== undefined) span.setAttribute('error.type', named);
    const last = attempt !== undefined && attempt >= (options.maxReceiveCount ?? Number.POSITIVE_INFINITY);
    const story = storyOf(circumstances, verdict?.dependency);
    span.setAttributes({ ...story, [attribute.jobOutcome]: last ? 'dead_letter' : 'retry' });
    if (last) span.addEvent(deadLettered, story);
  });
}

/** The handler's own word counts most, then the app's rule, then what the failed calls tell. */
function storyOf({ attempt, dependency, failedCalls }: Circumstances, classified: string | undefined): Attributes {
  const cause = dependency ?? classified ?? failedCalls.at(-1);
  const all = cause === undefined ? [] : [...failedCalls.filter((name) => name !== cause), cause];
  return {
    ...(attempt !== undefined && { [attribute.failureCount]: attempt }),
    ...(cause !== undefined && { [attribute.failedDependency]: cause }),
    ...(all.length > 1 && { [attribute.failedDependencies]: all }),
  };
}

function tell(what: () => void): void {
  try {
    what();
  } catch {
    // A foreign span: it still has to end.
  }
}
