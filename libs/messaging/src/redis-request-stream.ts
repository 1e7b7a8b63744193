import { redisFailure, type RedisConnection } from '@uma-federation/redis';
import type { CommandBatches } from './command-batches.ts';

/** A request that was handed to this replica and is its own until it is acknowledged or `claimAfterMs` go by without `keep`. */
export interface TakenRequest {
  /** The entry's id in the stream. */
  readonly id: string;
  /** JSON; undefined when the entry has another form. */
  readonly text: string | undefined;
  /** How many times it has been handed out, this time included. */
  readonly deliveries: number;
}

/** A stream, the group of a service's replicas, and the name of this one. */
export interface RequestStreamNames {
  readonly key: string;
  readonly group: string;
  readonly consumer: string;
}

/** Ways to Redis: to wait for requests, and for everything else. */
export interface RequestStreamConnections {
  readonly reader: RedisConnection;
  readonly commands: RedisConnection;
  readonly batches: CommandBatches;
}

type Entry = readonly [id: string, fields: readonly string[] | null] | null;
type PendingEntry = readonly [id: string, consumer: string, idleMs: number, deliveries: number];

/** A consumer is dead after this time without a read; live ones read many times a second. */
const DEAD_AFTER_MS = 600_000;

/** The requests of a service: each goes to one replica, and to another one if that one falls silent. */
export class RedisRequestStream {
  readonly #names: RequestStreamNames;
  readonly #reader: RedisConnection;
  readonly #commands: RedisConnection;
  readonly #batches: CommandBatches;
  readonly #claimAfterMs: number;

  constructor(names: RequestStreamNames, connections: RequestStreamConnections, claimAfterMs: number) {
    this.#names = names;
    this.#reader = connections.reader;
    this.#commands = connections.commands;
    this.#batches = connections.batches;
    this.#claimAfterMs = claimAfterMs;
  }

  /** Makes stream and group where they are missing. Requests that are in the stream already are not skipped. */
  async ensureGroup(): Promise<void> {
    const { key, group } = this.#names;
    try {
      await this.#commands.call('XGROUP', 'CREATE', key, group, '0', 'MKSTREAM');
    } catch (error) {
      if (redisFailure(error) !== 'BUSYGROUP') throw error;
    }
  }

  /** Takes up to `count` new requests; waits for the first one up to `blockMs`. */
  async take(count: number, blockMs: number): Promise<TakenRequest[]> {
    const { key, group, consumer } = this.#names;
    const answer = await this.#reader.call('XREADGROUP', 'GROUP', group, consumer, 'COUNT', count, 'BLOCK', Math.max(1, Math.ceil(blockMs)), 'STREAMS', key, '>');
    const streams = (answer ?? []) as readonly (readonly [key: string, entries: readonly Entry[]])[];
    return streams.flatMap(([, entries]) => entries).flatMap((entry) => taken(entry, 1));
  }

  /** Takes over up to `count` requests whose replica has been silent for `claimAfterMs`. `busy`: what this replica is working on. */
  async claim(count: number, busy: ReadonlySet<string>): Promise<TakenRequest[]> {
    const { key, group, consumer } = this.#names;
    const answer = await this.#commands.call('XPENDING', key, group, 'IDLE', this.#claimAfterMs, '-', '+', count + busy.size);
    const silent = (answer as readonly PendingEntry[]).filter(([id]) => !busy.has(id)).slice(0, count);
    if (silent.length === 0) return [];
    const deliveries = new Map(silent.map(([id, , , times]) => [id, Number(times) + 1]));
    // Redis looks at the idle time once more: of several replicas that ask, one gets the entry.
    const claimed = await this.#commands.call('XCLAIM', key, group, consumer, this.#claimAfterMs, ...deliveries.keys());
    return (claimed as readonly Entry[]).flatMap((entry) => taken(entry, deliveries.get(entry?.[0] ?? '') ?? 1));
  }

  /** Tells the others that this replica is still at work on these. What another one has taken over meanwhile stays with it. */
  async keep(ids: readonly string[]): Promise<void> {
    const { key, group, consumer } = this.#names;
    const own = (await this.#commands.call('XPENDING', key, group, '-', '+', 10 * ids.length, consumer)) as readonly PendingEntry[];
    const kept = own.map(([id]) => id).filter((id) => ids.includes(id));
    if (kept.length > 0) await this.#commands.call('XCLAIM', key, group, consumer, 0, ...kept, 'JUSTID');
  }

  /** The request is done with: nobody gets it any more, and it takes no room. */
  async acknowledge(id: string): Promise<void> {
    const { key, group } = this.#names;
    await this.#batches.run(key, [
      ['XACK', key, group, id],
      ['XDEL', key, id],
    ]);
  }

  /** Forgets replicas that died long ago. One that still has requests is kept until they are taken over. */
  async forgetDead(): Promise<void> {
    const { key, group } = this.#names;
    for (const fields of (await this.#commands.call('XINFO', 'CONSUMERS', key, group)) as readonly (readonly (string | number)[])[]) {
      const { name, pending, idle } = toRecord(fields);
      if (Number(pending) === 0 && Number(idle) > DEAD_AFTER_MS) await this.#commands.call('XGROUP', 'DELCONSUMER', key, group, String(name));
    }
  }

  /** Takes this replica's name off the group, unless there are requests under it, which others will take over. */
  async leave(): Promise<void> {
    const { key, group, consumer } = this.#names;
    const own = (await this.#commands.call('XPENDING', key, group, '-', '+', 1, consumer)) as readonly PendingEntry[];
    if (own.length === 0) await this.#commands.call('XGROUP', 'DELCONSUMER', key, group, consumer);
  }
}

/** An entry that was trimmed away while it was pending comes as nothing. */
function taken(entry: Entry, deliveries: number): TakenRequest[] {
  if (entry === null || entry[1] === null) return [];
  const [id, fields] = entry;
  return [{ id, text: fields?.[0] === 'm' ? fields[1] : undefined, deliveries }];
}

function toRecord(fields: readonly (string | number)[]): Record<string, string | number | undefined> {
  return Object.fromEntries(fields.flatMap((field, index) => (index % 2 === 0 ? [[field, fields[index + 1]]] : [])));
}
