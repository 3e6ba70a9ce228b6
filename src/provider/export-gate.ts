// Owns the two looks at an ended span around the sampling stage: noise never gets in, secrets never get out.
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { createSpanRedactor } from '../span/redact.ts';
import { isPollerNoise } from './aws-opinions.ts';
import { isConnectNoise } from './pg-opinions.ts';

/** Keeps noise of pollers and connections out of `next`, which is told of their end in another way: by `forget`. */
export function withoutNoise(
  { backgroundSpans }: { backgroundSpans: boolean },
  next: SpanProcessor & { forget(span: ReadableSpan): void },
): SpanProcessor {
  return {
    onStart: (span, context) => next.onStart(span, context),
    onEnd(span) {
      if (isConnectNoise(span) || (!backgroundSpans && isPollerNoise(span))) next.forget(span);
      else next.onEnd(span);
    },
    forceFlush: () => next.forceFlush(),
    shutdown: () => next.shutdown(),
  };
}

/** Hides secrets, in place, in what leaves for `next`. */
export function withoutSecrets(
  { redact, redactKeys }: { redact: boolean; redactKeys: readonly string[] },
  next: SpanProcessor,
): (span: ReadableSpan) => void {
  if (!redact) return (span) => next.onEnd(span);
  const hide = createSpanRedactor({ keys: redactKeys });
  return (span) => next.onEnd(hide(span));
}

/** Where the user has processors of their own, those see every span, exported by us or not; so all are cleaned at once. */
export function redactForAll({
  redact,
  redactKeys,
}: {
  redact: boolean;
  redactKeys: readonly string[];
}): SpanProcessor[] {
  if (!redact) return [];
  const hide = createSpanRedactor({ keys: redactKeys });
  const nothing = async () => {};
  return [{ onStart() {}, onEnd: (span) => void hide(span), forceFlush: nothing, shutdown: nothing }];
}
