// An address where connections are never made: the listener is stopped and its backlog full, as behind a firewall.
import { connect } from 'node:net';
import { runApp } from '../support/processes.ts';

export interface BlockedListener {
  port: number;
  close(): Promise<void>;
}

export async function startBlockedListener(): Promise<BlockedListener> {
  const code = `const s = require('node:net').createServer();
    s.listen(0, '127.0.0.1', 1, () => console.log('on', s.address().port))`;
  const app = runApp({ args: ['-e', code] });
  const port = Number((await app.line(/^on/)).split(' ')[1]);
  app.kill('SIGSTOP');
  const fillers = Array.from({ length: 20 }, () => connect(port, '127.0.0.1').on('error', () => {}));
  await new Promise((resolve) => setTimeout(resolve, 200));
  if (!fillers.at(-1)!.connecting) throw new Error('the backlog took every connection');
  return {
    port,
    close: async () => {
      for (const filler of fillers) filler.destroy();
      app.kill('SIGKILL');
      await app.exit;
    },
  };
}
