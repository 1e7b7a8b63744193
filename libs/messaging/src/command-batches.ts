import type { RedisConnection } from '@uma-federation/redis';

/** A command with its arguments. */
export type RedisCommand = readonly [name: string, ...parameters: (string | number)[]];

interface Batch {
  readonly commands: RedisCommand[];
  readonly answers: Promise<readonly (readonly [error: Error | null, answer: unknown])[]>;
}

/**
 * Sends what falls due in one turn of the event loop as one packet per key (a cluster wants no more). Not transactions.
 * Unlike ioredis' own auto-pipelining a packet does not wait for the one before it, so every command keeps its time limit.
 */
export class CommandBatches {
  readonly #connection: RedisConnection;
  readonly #batches = new Map<string, Batch>();

  constructor(connection: RedisConnection) {
    this.#connection = connection;
  }

  /**
   * Sends commands on one key, in order.
   * @throws the error of the first that failed, after all have an answer
   */
  async run(key: string, commands: readonly RedisCommand[]): Promise<void> {
    const batch = this.#batches.get(key) ?? this.#begin(key);
    const first = batch.commands.length;
    batch.commands.push(...commands);
    const answers = await batch.answers;
    for (const [error] of answers.slice(first, first + commands.length)) if (error !== null) throw error;
  }

  #begin(key: string): Batch {
    const commands: RedisCommand[] = [];
    const answers = new Promise<void>((resolve) => setImmediate(resolve)).then(async () => {
      this.#batches.delete(key);
      const pipeline = this.#connection.pipeline();
      for (const [name, ...parameters] of commands) pipeline.call(name, ...parameters);
      return (await pipeline.exec()) ?? [];
    });
    const batch = { commands, answers };
    this.#batches.set(key, batch);
    return batch;
  }
}
