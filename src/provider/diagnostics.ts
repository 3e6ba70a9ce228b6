// Owns what OpenTelemetry's own packages may say: their messages without their objects, which hold spans and headers.
import { type DiagLogger, DiagLogLevel, diag } from '@opentelemetry/api';

export type LogLevel = 'none' | 'error' | 'warn' | 'info' | 'debug' | 'verbose' | 'all';

const levels: Record<LogLevel, DiagLogLevel> = {
  none: DiagLogLevel.NONE,
  error: DiagLogLevel.ERROR,
  warn: DiagLogLevel.WARN,
  info: DiagLogLevel.INFO,
  debug: DiagLogLevel.DEBUG,
  verbose: DiagLogLevel.VERBOSE,
  all: DiagLogLevel.ALL,
};

/** @param say gets one line of at most 512 characters */
export function routeDiagnostics(level: LogLevel, say: (line: string) => void): void {
  const log = (message: unknown, ...rest: unknown[]) => {
    const words = [message, ...rest].flatMap((part) =>
      typeof part === 'string' ? [part] : part instanceof Error ? [part.message] : [],
    );
    say(words.join(' ').replaceAll(/\s+/g, ' ').slice(0, 512));
  };
  const logger: DiagLogger = { error: log, warn: log, info: log, debug: log, verbose: log };
  diag.setLogger(logger, { logLevel: levels[level], suppressOverrideMessage: true });
}
