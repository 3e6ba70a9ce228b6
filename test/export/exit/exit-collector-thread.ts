// A fault collector in a thread of its own: the thread under test stands still while it is called.
import { parentPort, workerData } from 'node:worker_threads';
import { startFaultCollector } from '../../faults/fault-collector.ts';

const { fault, tls } = workerData as { fault?: Parameters<typeof startFaultCollector>[0]; tls?: object };
const collector = await startFaultCollector(fault, tls);
parentPort!.on('message', (command: 'seen' | 'down' | 'close') => void obey(command));
parentPort!.postMessage({ url: collector.url });

async function obey(command: 'seen' | 'down' | 'close'): Promise<void> {
  if (command === 'down') await collector.down();
  if (command === 'close') await collector.close();
  const { acked, requests, sockets, undecodable } = collector;
  const seen = requests.map(({ method, headers, url, spans }) => ({ method, url, headers, first: spans[0]?.name }));
  parentPort!.postMessage({ acked: [...acked], requests: seen, sockets, undecodable });
  if (command === 'close') parentPort!.close();
}
