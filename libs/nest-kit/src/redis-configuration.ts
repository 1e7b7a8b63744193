import { readFileSync } from 'node:fs';
import type { RedisAddress, RedisConnectionOptions } from '@uma-federation/redis';
import { z } from 'zod';
import { durationMs } from './duration.ts';
import { secret } from './secret.ts';

const node = z.strictObject({ host: z.string().min(1), port: z.int().min(1).max(65535).default(6379) });
const database = z.int().min(0).optional();

/** Settings of the Redis that the replicas of a domain's services share: the field `redis`. */
export function redisConfiguration() {
  return z.strictObject({
    /** One server; the primary that Sentinels know by a name; or a cluster, of which some nodes are named. */
    address: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('standalone'), ...node.shape, database }),
      z.strictObject({
        kind: z.literal('sentinel'),
        sentinels: z.array(node).min(1),
        primaryName: z.string().min(1),
        database,
        sentinelUsername: z.string().optional(),
        sentinelPassword: secret().optional(),
      }),
      z.strictObject({ kind: z.literal('cluster'), nodes: z.array(node).min(1) }),
    ]),
    username: z.string().optional(),
    password: secret().optional(),
    /** TLS with a verified certificate; the authority is a PEM file, the built-in ones without it. */
    tls: z.strictObject({ certificateAuthorityFile: z.string().optional() }).optional(),
    /** From opening a socket to its being open. */
    connectTimeout: durationMs().prefault('300ms'),
    /** Until a command is refused. Steps that must not happen twice then answer 503. */
    commandTimeout: durationMs().prefault('500ms'),
    /** Before every key and channel. Services of one domain have the same one; two domains that share a Redis have not. */
    keyPrefix: z.string().regex(/^[A-Za-z0-9._-]{1,64}$/).default('uma'),
    /** While Redis is away each replica gives out this share of every rate limit by itself: 1 / replicas. */
    localShare: z.number().gt(0).max(1).default(0.5),
  });
}

/** The field `redis` after defaults. */
export type RedisConfiguration = z.output<ReturnType<typeof redisConfiguration>>;

function redisConnectionOptions({ address, username, password, tls, connectTimeout, commandTimeout }: RedisConfiguration): RedisConnectionOptions {
  const authority = tls?.certificateAuthorityFile;
  return {
    address: addressOf(address),
    username,
    password: password?.reveal(),
    tls: tls === undefined ? undefined : { ca: authority === undefined ? undefined : readFileSync(authority, 'utf8') },
    connectTimeoutMs: connectTimeout,
    commandTimeoutMs: commandTimeout,
  };
}

/** What the adapters of one service share. */
export interface SharedRedis {
  readonly redis: RedisConnectionOptions;
  readonly keyPrefix: string;
  readonly localShare: number;
}

/** The same, of a service's configuration; undefined when it has no Redis. @throws Error when the file of the certificate authority cannot be read */
export function sharedRedis({ redis }: { readonly redis?: RedisConfiguration | undefined }): SharedRedis | undefined {
  return redis === undefined ? undefined : { redis: redisConnectionOptions(redis), keyPrefix: redis.keyPrefix, localShare: redis.localShare };
}

function addressOf(address: RedisConfiguration['address']): RedisAddress {
  return address.kind === 'sentinel' ? { ...address, sentinelPassword: address.sentinelPassword?.reveal() } : address;
}
