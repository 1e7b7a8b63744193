import type { ServerOptions } from 'node:http';

/** Limits on what a client may do to a server. */
export interface ServerLimits {
  /** Time to receive a request's head, in milliseconds. */
  readonly headersTimeoutMs?: number;
  /** Time to receive a whole request, body included, in milliseconds: the longest upload there can be. */
  readonly requestTimeoutMs?: number;
  /** Time an idle connection is kept, in milliseconds. */
  readonly keepAliveTimeoutMs?: number;
  /** How often the two timeouts above are looked at, in milliseconds. */
  readonly checkIntervalMs?: number;
  /** Size of a request's head, in octets. */
  readonly maxHeaderBytes?: number;
}

/**
 * Options for `node:http` and `node:https` servers. Fastify takes them as `http`, but then overwrites `requestTimeout`
 * with its own default of 0, which lets a slow body last for ever [M8]; `createHardenedServer` as `serverFactory` avoids that.
 *
 * @param limits what to change from the defaults: head 10 s, request 300 s, idle 5 s, looked at every 2 s, 16 KiB
 * @returns options with the strict parser and a mandatory Host
 */
export function serverOptions(limits: ServerLimits = {}): ServerOptions {
  return {
    headersTimeout: limits.headersTimeoutMs ?? 10_000,
    requestTimeout: limits.requestTimeoutMs ?? 300_000,
    keepAliveTimeout: limits.keepAliveTimeoutMs ?? 5_000,
    connectionsCheckingInterval: limits.checkIntervalMs ?? 2_000,
    maxHeaderSize: limits.maxHeaderBytes ?? 16_384,
    insecureHTTPParser: false,
    requireHostHeader: true,
    joinDuplicateHeaders: false,
    noDelay: true,
  };
}
