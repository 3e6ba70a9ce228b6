// An Express app without a line of tracing. Express tells its routes on the request, so nothing has to be installed.
import express, { Router } from 'express';

const app = express();
const orders = Router();
orders.get('/:id', (request, response) => response.json({ id: request.params.id }));
orders.get('/:id/fail', (_request, _response, next) => next(new Error('no such order')));

app.use('/orders', orders);
app.get('/', (_request, response) => response.send('hello'));
app.use((error, _request, response, _next) => response.status(500).json({ error: error.message }));

const server = app.listen(process.env.PORT ?? 3000, '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${server.address().port}`);
});
