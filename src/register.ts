// The preload: node --import keeptrace/register app.js, or --require. Synchronous, and safe on any Node.
// No top-level await, ever: with one, modules imported beside this file load before they can be patched.
import { start } from './start.ts';
import { whenScriptIsKnown } from './workers.ts';

whenScriptIsKnown(() => {
  try {
    start(undefined);
  } catch {
    // start() throws for wrong code options only, and a preload has none.
  }
});
