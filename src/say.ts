// Owns the one line that can be said before anything else is loaded; later lines come from lifecycle/self-report.
import { formatLine } from './lifecycle/line.ts';
import { writeStderr } from './lifecycle/write-stderr.ts';

/** Past `process.stderr`: when nobody reads it any more, the stream fails later, as an uncaught EPIPE in the app. */
export function say(sentence: string): void {
  if (/^none$/i.test(process.env.OTEL_LOG_LEVEL?.trim() ?? '')) return;
  writeStderr(formatLine(sentence));
}
