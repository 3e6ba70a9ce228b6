// The one input of everything in this folder: a span as data, whether it came over the wire or was captured in process.
import type { ReceivedSpan } from '../receiver/received-span.ts';

/** A span of `captureSpans`: what would be exported, secrets already hidden. */
export interface CapturedSpan extends ReceivedSpan {
  /** False: nobody had ended it by the time the capture was over. Its end time is that moment. */
  ended: boolean;
}

/** A captured span, or one that was received over OTLP. */
export type TestSpan = ReceivedSpan & { ended?: boolean };

/** How a span is spoken of in messages: `server "GET /orders/:id"`. */
export function spanLabel({ kind, name }: TestSpan): string {
  return `${kind} ${JSON.stringify(name)}`;
}
