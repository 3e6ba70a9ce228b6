// Owns the short names that OpenTelemetry's own collection knows, so that a list carried over from there is understood.
const foreign = new Set(
  (
    'amqplib aws-lambda bunyan cassandra-driver connect cucumber dataloader dns express fastify fs generic-pool graphql grpc ' +
    'hapi host-metrics ioredis kafkajs knex koa lru-memoizer memcached mongodb mongoose mysql mysql2 nestjs-core net openai ' +
    'oracledb pino redis redis-4 restify router runtime-node socket.io tedious winston'
  ).split(' '),
);

export function isForeignName(name: string): boolean {
  return foreign.has(name);
}
