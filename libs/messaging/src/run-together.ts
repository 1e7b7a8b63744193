import type { RedisConnection } from './connect-redis.ts';

/** A command with its arguments. */
export type RedisCommand = readonly [name: string, ...parameters: (string | number)[]];

/**
 * Sends commands on the same key in one packet. Not a transaction: each stands for itself.
 * @throws the error of the first that failed, after all have an answer
 */
export async function runTogether(connection: RedisConnection, commands: readonly RedisCommand[]): Promise<unknown[]> {
  const pipeline = connection.pipeline();
  for (const [name, ...parameters] of commands) pipeline.call(name, ...parameters);
  const answers = (await pipeline.exec()) ?? [];
  for (const [error] of answers) if (error !== null) throw error;
  return answers.map(([, answer]) => answer);
}
