// Runs the application of `keeptrace dev -- command` in the foreground, as if it had been started without us.
import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';

export interface CommandEnd {
  code: number;
  /** Set when the command was ended by one. */
  signal: NodeJS.Signals | undefined;
}

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Resolves once it has ended and all of its output is written. 127 when it cannot be started, as shells say it. */
export function runCommand(command: readonly string[], env: NodeJS.ProcessEnv): Promise<CommandEnd & { why?: string }> {
  const [file = '', ...args] = command;
  return new Promise((resolve) => {
    // On Windows `npm` is a script, which only a shell can run.
    const child = spawn(file, args, { env, stdio: 'inherit', shell: process.platform === 'win32' });
    const release = passSignals(child);
    child.on('error', (error: NodeJS.ErrnoException) => {
      release();
      const why =
        error.code === 'ENOENT' ? `there is no command "${file}"` : `"${file}" cannot be run: ${error.message}`;
      resolve({ code: error.code === 'ENOENT' ? 127 : 126, signal: undefined, why });
    });
    child.on('close', (code, signal) => {
      release();
      resolve({ code: code ?? 128 + (signal === null ? 0 : constants.signals[signal]), signal: signal ?? undefined });
    });
  });
}

/** While the command runs, its end is ours. Ctrl-C on a terminal reaches it without our help. */
function passSignals(child: ChildProcess): () => void {
  const handlers = SIGNALS.map((signal) => {
    const handler = () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    };
    process.on(signal, handler);
    return [signal, handler] as const;
  });
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
