// The preload: node --import keeptrace/register app.js, or --require. Synchronous, and safe on any Node.
// No top-level await, ever: with one, modules imported beside this file load before they can be patched.
import { entryObstacle } from './entry.ts';
import { say } from './say.ts';
import { start } from './start.ts';
import { whenScriptIsKnown } from './workers.ts';

whenScriptIsKnown(() => {
  try {
    if (!start(undefined).active) return;
    const flags = [...process.execArgv, process.env.NODE_OPTIONS].join(' ');
    const obstacle = entryObstacle({ script: process.argv[1], flags, nodeVersion: process.versions.node });
    if (obstacle !== undefined) say(obstacle);
  } catch {
    // start() throws for wrong code options only, and a preload has none.
  }
});
