import type { BusKeys } from './bus-keys.ts';
import type { RedisConnection } from './connect-redis.ts';
import { runTogether } from './run-together.ts';

/** More answers than a client can have requests under way wait for nobody. */
const MAX_REPLIES = 10_000;
/** Answers to a client that has gone are forgotten after this time. */
const REPLY_LIFETIME_MS = 60_000;

/** Sends answers to the streams of the clients. */
export class RedisReplyWriter {
  readonly #commands: RedisConnection;
  readonly #keys: BusKeys;

  constructor(commands: RedisConnection, keys: BusKeys) {
    this.#commands = commands;
    this.#keys = keys;
  }

  /** Whether a request may be answered there. */
  accepts(replyTo: string): boolean {
    return this.#keys.isReplies(replyTo);
  }

  async send(replyTo: string, text: string): Promise<void> {
    await runTogether(this.#commands, [
      ['XADD', replyTo, 'MAXLEN', '~', MAX_REPLIES, '*', 'm', text],
      ['PEXPIRE', replyTo, REPLY_LIFETIME_MS],
    ]);
  }
}
