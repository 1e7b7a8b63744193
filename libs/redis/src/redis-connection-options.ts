/** Where a Redis (or one of its Sentinels or cluster nodes) listens. */
export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

/** One server; the primary that Sentinels know by a name; or a cluster, of which some nodes are named. */
export type RedisAddress =
  | ({ readonly kind: 'standalone'; readonly database?: number | undefined } & RedisNode)
  | {
      readonly kind: 'sentinel';
      readonly sentinels: readonly RedisNode[];
      readonly primaryName: string;
      readonly database?: number | undefined;
      readonly sentinelUsername?: string | undefined;
      readonly sentinelPassword?: string | undefined;
    }
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisNode[] };

/** How to reach Redis, and how long to wait for it. */
export interface RedisConnectionOptions {
  readonly address: RedisAddress;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** TLS to servers and Sentinels alike. `ca`: PEM of the authorities to trust instead of the system's. */
  readonly tls?: { readonly ca?: string | undefined } | undefined;
  /** From opening a socket to its being open. Default 300. */
  readonly connectTimeoutMs?: number | undefined;
  /** Until a command is refused. Default 500. */
  readonly commandTimeoutMs?: number | undefined;
}

export const DEFAULT_CONNECT_TIMEOUT_MS = 300;
export const DEFAULT_COMMAND_TIMEOUT_MS = 500;
