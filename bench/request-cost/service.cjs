// The measured service: one request in, one query, one call to a neighbour, one answer. Knows nothing of tracing.
const { createServer } = require('node:http');
const { Pool } = require('pg');

const pool = new Pool({
  host: '127.0.0.1',
  port: Number(process.env.PGPORT),
  user: 'bench',
  database: 'bench',
  max: 8,
});
const server = createServer(async (request, response) => {
  try {
    const id = Number(request.url.slice('/orders/'.length));
    const { rows } = await pool.query('SELECT item FROM orders WHERE id = $1', [id]);
    const stock = await (await fetch(`${process.env.NEIGHBOUR}/stock/${id}`)).json();
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ id, item: rows[0].item, ...stock }));
  } catch (error) {
    response.statusCode = 500;
    response.end(String(error));
  }
});
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send({ cpu: process.cpuUsage(), rss: process.memoryUsage.rss() }));
process.on('disconnect', () => process.exit(0));
