// A DNS server on an address of its own, and a process that has it for its only one. Needs the rights of a container's root.
import { execFileSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface NameServer {
  /** Names that were asked for. */
  asked: Set<string>;
  /** Puts `command` where this is the name server: the command and arguments to run. */
  wrap(command: string[]): [string, ...string[]];
  close(): void;
}

/**
 * @param names answered with 127.0.0.1; any other does not exist. Undefined: the server never answers
 * @param address one for each file of tests that run side by side: the port is always 53
 */
export async function startNameServer(
  names: readonly string[] | undefined,
  options = '',
  address = '127.0.0.87',
): Promise<NameServer> {
  const socket = createSocket('udp4');
  socket.bind(53, address);
  await once(socket, 'listening');
  const asked = new Set<string>();
  socket.on('message', (query, from) => {
    const { name, end } = nameIn(query);
    asked.add(name);
    if (names) socket.send(answer(query.subarray(0, end + 4), names.includes(name)), from.port, from.address);
  });
  const dir = mkdtempSync(join(tmpdir(), 'keeptrace-names-'));
  const file = join(dir, 'resolv.conf');
  writeFileSync(file, `nameserver ${address}\n${options}`);
  return {
    asked,
    wrap: (command) => [
      'unshare',
      '--mount',
      'sh',
      '-c',
      `mount --bind ${file} /etc/resolv.conf && exec "$@"`,
      'sh',
      ...command,
    ],
    close: () => {
      socket.close();
      rmSync(dir, { recursive: true });
    },
  };
}

export function canHaveNameServer(): boolean {
  try {
    execFileSync('unshare', ['--mount', 'mount', '--bind', '/etc/hosts', '/etc/resolv.conf'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

function nameIn(query: Buffer): { name: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = query[at]!; length > 0; length = query[at]!) {
    labels.push(query.toString('latin1', at + 1, at + 1 + length));
    at += 1 + length;
  }
  return { name: labels.join('.').toLowerCase(), end: at + 1 };
}

/** RFC 1035: one A record, no record of another type, or NXDOMAIN. */
function answer(question: Buffer, known: boolean): Buffer {
  const wantsA = question.readUInt16BE(question.length - 4) === 1;
  const reply = Buffer.from(question);
  reply.writeUInt16BE(known ? 0x8180 : 0x8183, 2);
  reply.writeUInt16BE(known && wantsA ? 1 : 0, 6);
  reply.writeUInt32BE(0, 8);
  const record = [0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1];
  return known && wantsA ? Buffer.concat([reply, Buffer.from(record)]) : reply;
}
