// Owns the one line that can be said before anything else is loaded; later lines come from lifecycle/self-report.
export function say(sentence: string): void {
  if (/^none$/i.test(process.env.OTEL_LOG_LEVEL?.trim() ?? '')) return;
  try {
    process.stderr.write(`keeptrace: ${sentence}\n`);
  } catch {
    // A closed stderr is no reason to disturb the app.
  }
}
