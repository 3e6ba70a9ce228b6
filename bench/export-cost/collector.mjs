// Takes everything, and counts the bytes and the requests of each path.
import { createServer } from 'node:http';

const seen = {};
const server = createServer((request, response) => {
  seen[request.url] ??= { bytes: 0, requests: 0 };
  const counts = seen[request.url];
  counts.requests++;
  request.on('data', (chunk) => {
    counts.bytes += chunk.length;
  });
  request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end());
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send(seen));
process.once('disconnect', () => process.exit());
