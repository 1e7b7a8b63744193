import type { BusKeys } from './bus-keys.ts';
import type { CommandBatches } from './command-batches.ts';

/** More answers than a client can have requests under way wait for nobody. */
const MAX_REPLIES = 10_000;
/** Answers to a client that has gone are forgotten after this time. */
const REPLY_LIFETIME_MS = 60_000;

/** Sends answers to the streams of the clients. */
export class RedisReplyWriter {
  readonly #batches: CommandBatches;
  readonly #keys: BusKeys;

  constructor(batches: CommandBatches, keys: BusKeys) {
    this.#batches = batches;
    this.#keys = keys;
  }

  /** Whether a request may be answered there. */
  accepts(replyTo: string): boolean {
    return this.#keys.isReplies(replyTo);
  }

  async send(replyTo: string, text: string): Promise<void> {
    await this.#batches.run(replyTo, [
      ['XADD', replyTo, 'MAXLEN', '~', MAX_REPLIES, '*', 'm', text],
      ['PEXPIRE', replyTo, REPLY_LIFETIME_MS],
    ]);
  }
}
