import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { DEFAULT_COMMAND_TIMEOUT_MS, DEFAULT_CONNECT_TIMEOUT_MS, type RedisConnectionOptions, type RedisNode } from './redis-connection-options.ts';
import { noteFailures } from './redis-failure.ts';
import { SentinelRedis } from './sentinel-redis.ts';

/** A connection to one server or to a cluster. End it with `disconnect()`. */
export type RedisConnection = Redis | Cluster;

/** What a connection is for. */
export interface RedisConnectionUse {
  /** Shown by CLIENT LIST; no spaces. */
  readonly name: string;
  /** Time for which its commands ask Redis to block, on top of the command's time limit. Default 0. */
  readonly blockMs?: number | undefined;
}

const LONGEST_RETRY_DELAY_MS = 1000;

/**
 * Makes a connection that refuses at once when Redis is away: nothing waits offline, nothing is sent twice, every command has a time limit,
 * and a socket that stays silent is given up. `openRedis` opens it; from then on it reconnects by itself.
 */
export function connectRedis(options: RedisConnectionOptions, use: RedisConnectionUse): RedisConnection {
  const connection = create(options, use);
  noteFailures(connection);
  return connection;
}

function create(options: RedisConnectionOptions, use: RedisConnectionUse): RedisConnection {
  const { address, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS } = options;
  const common = commonOptions(options, use);
  if (address.kind === 'cluster') {
    return new Cluster([...address.nodes], {
      lazyConnect: true,
      enableOfflineQueue: false,
      maxRedirections: 4,
      slotsRefreshTimeout: connectTimeoutMs,
      clusterRetryStrategy: retryDelayMs,
      redisOptions: common,
    });
  }
  const single = { ...common, lazyConnect: true, enableOfflineQueue: false, retryStrategy: retryDelayMs, db: address.database ?? 0 };
  if (address.kind === 'standalone') return new Redis({ ...single, host: address.host, port: address.port });
  const sentinelOptions = {
    sentinels: address.sentinels.map((node: RedisNode) => ({ ...node })),
    name: address.primaryName,
    ...(address.sentinelUsername === undefined ? {} : { sentinelUsername: address.sentinelUsername }),
    ...(address.sentinelPassword === undefined ? {} : { sentinelPassword: address.sentinelPassword }),
    ...(common.tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: common.tls }),
    sentinelCommandTimeout: common.commandTimeout,
  };
  return new SentinelRedis({ ...single, ...sentinelOptions }, retryDelayMs);
}

function commonOptions(options: RedisConnectionOptions, use: RedisConnectionUse) {
  const { username, password, tls, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, commandTimeoutMs = DEFAULT_COMMAND_TIMEOUT_MS } = options;
  const blockMs = use.blockMs ?? 0;
  return {
    // Plain arrays for streams; nothing here needs RESP3.
    protocol: 2,
    connectionName: use.name,
    connectTimeout: connectTimeoutMs,
    disconnectTimeout: connectTimeoutMs,
    commandTimeout: blockMs + commandTimeoutMs,
    // A command is lost, not late: long silence means that the connection is dead, as after a network partition.
    socketTimeout: blockMs + 2 * commandTimeoutMs,
    maxRetriesPerRequest: 0,
    // security.md M13: a command that is sent again answers to its own first try.
    autoResendUnfulfilledCommands: false,
    autoResubscribe: false,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: tls.ca === undefined ? {} : { ca: tls.ca } }),
  } satisfies RedisOptions;
}

/** 50, 100, 200 … 1000 ms, and up to a quarter more, so that replicas do not come back in step. */
function retryDelayMs(attempt: number): number {
  const delayMs = Math.min(50 * 2 ** (attempt - 1), LONGEST_RETRY_DELAY_MS);
  return delayMs * (1 + Math.random() / 4);
}
