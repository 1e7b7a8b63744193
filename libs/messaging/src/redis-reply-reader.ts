import type { RedisConnection } from '@uma-federation/redis';

const BLOCK_MS = 1000;
const MAX_BATCH = 256;
const BEGINNING = '0-0';

type Entry = readonly [id: string, fields: readonly string[]];

/** Reads the answers to one client. A stream and not a list: what a broken connection has swallowed is read again. */
export class RedisReplyReader {
  /** Time for which a read asks Redis to block. */
  static readonly blockMs = BLOCK_MS;

  readonly #key: string;
  readonly #reader: RedisConnection;
  readonly #commands: RedisConnection;
  #last = BEGINNING;

  constructor(key: string, connections: { readonly reader: RedisConnection; readonly commands: RedisConnection }) {
    this.#key = key;
    this.#reader = connections.reader;
    this.#commands = connections.commands;
  }

  /** The next answers; empty after a second without any. */
  async next(): Promise<string[]> {
    const answer = await this.#reader.call('XREAD', 'COUNT', MAX_BATCH, 'BLOCK', BLOCK_MS, 'STREAMS', this.#key, this.#last);
    const entries = ((answer ?? []) as readonly (readonly [key: string, entries: readonly Entry[]])[]).flatMap(([, found]) => found);
    const last = entries.at(-1);
    if (last === undefined) return [];
    this.#last = last[0];
    // Answers hold tickets: they do not stay longer than needed. What stays after a failure here expires with the stream.
    this.#commands.call('XTRIM', this.#key, 'MINID', successor(last[0])).catch(() => undefined);
    return entries.flatMap(([, [, text]]) => (text === undefined ? [] : [text]));
  }

  /** Reads from the beginning next time: ids of a stream that was lost, or of another server, say nothing about this one. */
  rewind(): void {
    this.#last = BEGINNING;
  }
}

/** The smallest stream id above one. */
function successor(id: string): string {
  const [time = '0', sequence = '0'] = id.split('-');
  return `${time}-${BigInt(sequence) + 1n}`;
}
