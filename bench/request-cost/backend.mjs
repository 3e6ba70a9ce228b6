// What the measured service talks to: an HTTP neighbour, a Postgres that knows one answer, and a collector that reads
// and forgets. In a process of its own, so that none of it counts.
import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';

const listen = (server) =>
  new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server.address().port)));

/** Bytes received by the first word of the path, which tells the variants apart. */
const bytes = {};
const neighbour = createServer((_request, response) => {
  response.setHeader('content-type', 'application/json');
  response.end('{"stock":7}');
});
const collector = createServer((request, response) => {
  const variant = request.url.split('/')[1];
  request.on('data', (chunk) => {
    bytes[variant] = (bytes[variant] ?? 0) + chunk.length;
  });
  request.on('end', () => {
    response.setHeader('content-type', request.headers['content-type'] ?? 'application/json');
    response.end(request.headers['content-type'] === 'application/json' ? '{}' : '');
  });
});
neighbour.keepAliveTimeout = 600_000;
collector.keepAliveTimeout = 600_000;

process.on('message', () => process.send({ bytes }));
process.send({
  ports: {
    neighbour: await listen(neighbour),
    collector: await listen(collector),
    postgres: await listen(createTcpServer(postgres)),
  },
});

/** As much of the protocol as one client needs: https://www.postgresql.org/docs/current/protocol-flow.html */
function postgres(socket) {
  let unread = Buffer.alloc(0);
  let started = false;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    unread = Buffer.concat([unread, chunk]);
    const answers = [];
    for (;;) {
      const head = started ? 1 : 0;
      if (unread.length < head + 4) break;
      const length = head + unread.readInt32BE(head);
      if (unread.length < length) break;
      const type = started ? String.fromCharCode(unread[0]) : 'startup';
      unread = unread.subarray(length);
      started = true;
      answers.push(...(replies[type] ?? []));
    }
    if (answers.length > 0) socket.write(Buffer.concat(answers));
  });
}

function message(type, ...parts) {
  const body = Buffer.concat(parts.map((part) => (typeof part === 'string' ? Buffer.from(`${part}\0`) : part)));
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
function int32(value) {
  const buffer = Buffer.alloc(4);
  buffer.writeInt32BE(value);
  return buffer;
}
function int16(value) {
  const buffer = Buffer.alloc(2);
  buffer.writeInt16BE(value);
  return buffer;
}

var TEXT = 25;
var ready = message('Z', Buffer.from('I'));
var value = Buffer.from('kettle');
var columns = message('T', int16(1), 'item', int32(0), int16(0), int32(TEXT), int16(-1), int32(-1), int16(0));
var replies = {
  startup: [message('R', int32(0)), ready],
  P: [message('1')],
  B: [message('2')],
  D: [columns],
  E: [message('D', int16(1), int32(value.length), value), message('C', 'SELECT 1')],
  S: [ready],
};
