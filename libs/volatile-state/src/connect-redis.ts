import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { DEFAULT_COMMAND_TIMEOUT_MS, DEFAULT_CONNECT_TIMEOUT_MS, type RedisConnectionOptions } from './redis-connection-options.ts';
import { noteFailures } from './redis-failure.ts';
import { SentinelRedis } from './sentinel-redis.ts';

/** A connection to one server or to a cluster. End it with `disconnect()`. */
export type RedisConnection = Redis | Cluster;

const LONGEST_RETRY_DELAY_MS = 1000;

/**
 * Makes a connection that refuses at once when Redis is away: nothing waits offline, nothing is sent twice, every command has a time limit,
 * and a socket that stays silent is given up. `openRedis` opens it; from then on it reconnects by itself.
 */
export function connectRedis(options: RedisConnectionOptions): RedisConnection {
  const connection = create(options);
  noteFailures(connection);
  return connection;
}

function create(options: RedisConnectionOptions): RedisConnection {
  const { address } = options;
  const common = commonOptions(options);
  const opening = { lazyConnect: true, enableOfflineQueue: false };
  if (address.kind === 'cluster') {
    return new Cluster([...address.nodes], {
      ...opening,
      maxRedirections: 4,
      slotsRefreshTimeout: common.connectTimeout,
      clusterRetryStrategy: retryDelayMs,
      redisOptions: common,
    });
  }
  const single = { ...common, ...opening, retryStrategy: retryDelayMs, db: address.database ?? 0 };
  if (address.kind === 'standalone') return new Redis({ ...single, host: address.host, port: address.port });
  const sentinelOptions = {
    sentinels: address.sentinels.map((node) => ({ ...node })),
    name: address.primaryName,
    ...(address.sentinelUsername === undefined ? {} : { sentinelUsername: address.sentinelUsername }),
    ...(address.sentinelPassword === undefined ? {} : { sentinelPassword: address.sentinelPassword }),
    ...(common.tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: common.tls }),
    sentinelCommandTimeout: common.commandTimeout,
  };
  return new SentinelRedis({ ...single, ...sentinelOptions }, retryDelayMs);
}

function commonOptions(options: RedisConnectionOptions) {
  const { username, password, tls, connectTimeoutMs = DEFAULT_CONNECT_TIMEOUT_MS, commandTimeoutMs = DEFAULT_COMMAND_TIMEOUT_MS } = options;
  return {
    // Nothing here needs RESP3.
    protocol: 2,
    connectionName: 'uma-volatile-state',
    connectTimeout: connectTimeoutMs,
    disconnectTimeout: connectTimeoutMs,
    commandTimeout: commandTimeoutMs,
    // A command is lost, not late: long silence means that the connection is dead, as after a network partition.
    socketTimeout: 2 * commandTimeoutMs,
    maxRetriesPerRequest: 0,
    // security.md M13: a resent SET NX answers "already used" to its own first try.
    autoResendUnfulfilledCommands: false,
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
