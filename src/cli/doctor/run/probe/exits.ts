// Owns what is seen of the end of a thread: its code, and the line that called process.exit().
import type { ExitFacts } from '../facts.ts';
import type { SeenExports } from './exports.ts';
import { quietly } from './quietly.ts';
import { appFrame, deepError } from './where.ts';

export function watchExit(exports: SeenExports, told: () => void): () => ExitFacts | undefined {
  let end: { code: number; exitAt: string | undefined } | undefined;
  process.on('exit', (code) => {
    quietly(() => {
      // Its listeners run inside process.exit(), so the caller is on the stack.
      const error = deepError();
      const asked = /process\.(?:exit|reallyExit) /.test(String(error.stack));
      end = { code, exitAt: asked ? (appFrame(error) ?? 'a package') : undefined };
      exports.ending = true;
    });
    told();
  });
  return () => end && { ...end, lost: exports.lost() };
}
