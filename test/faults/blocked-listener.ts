// An address where connections are never made: the listener is stopped and its backlog full, as behind a firewall.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { runApp } from '../support/processes.ts';

export interface BlockedListener {
  port: number;
  close(): Promise<void>;
}

/** More than any backlog that a system rounds 1 up to. */
const MOST_FILLERS = 200;

export async function startBlockedListener(): Promise<BlockedListener> {
  const code = `const s = require('node:net').createServer();
    s.listen(0, '127.0.0.1', 1, () => console.log('on', s.address().port))`;
  const app = runApp({ args: ['-e', code] });
  const port = Number((await app.line(/^on/)).split(' ')[1]);
  app.kill('SIGSTOP');
  // Until it has really stopped, it takes from the backlog.
  while (!isStopped(app.child.pid!)) await setTimeout(5);
  const fillers: Socket[] = [];
  do {
    if (fillers.length === MOST_FILLERS) throw new Error('the backlog took every connection');
    fillers.push(connect(port, '127.0.0.1').on('error', () => {}));
    await setTimeout(50);
    // The loop may have been late for the timer, and then has not yet looked at the socket.
    await setImmediate();
  } while (!fillers.at(-1)!.connecting);
  return {
    port,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      app.kill('SIGKILL');
      await app.exit;
    },
  };
}

function isStopped(pid: number): boolean {
  if (process.platform !== 'linux')
    return execFileSync('ps', ['-o', 'state=', '-p', `${pid}`])
      .toString()
      .startsWith('T');
  return /\) T /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
