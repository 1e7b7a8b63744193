import { tooManyRequests, type RateLimiter } from '@uma-federation/uma-core';
import { isIPv6 } from 'node:net';

/** Two rings of rate limits (security.md section 4 rule 9): per source address, and per client. */
export class RateLimits {
  readonly #bySource: RateLimiter;
  readonly #byClient: RateLimiter;

  constructor(rings: { readonly bySource: RateLimiter; readonly byClient: RateLimiter }) {
    this.#bySource = rings.bySource;
    this.#byClient = rings.byClient;
  }

  /**
   * Counts a request of a source, before anything else is done for it.
   * @param address IP address of the peer, or the one a trusted proxy named
   * @throws ProtocolError 429 with `Retry-After`
   */
  async admitSource(address: string): Promise<void> {
    await admit(this.#bySource, sourceKey(address), 'source_rate_limited');
  }

  /**
   * Counts a request of a client. Only for clients that are authenticated: otherwise anybody could use up another's budget.
   * @throws ProtocolError 429 with `Retry-After` (T22)
   */
  async admitClient(clientId: string): Promise<void> {
    await admit(this.#byClient, clientId, 'client_rate_limited');
  }
}

async function admit(limiter: RateLimiter, key: string, reason: string): Promise<void> {
  const retryAfterSeconds = await limiter.take(key);
  if (retryAfterSeconds !== undefined) throw tooManyRequests(reason, retryAfterSeconds);
}

/**
 * What counts as one source: an IPv4 address, or an IPv6 /64, which is what one subscriber has.
 * @param address as Node gives it
 */
export function sourceKey(address: string): string {
  const mapped = /^::ffff:([0-9.]+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const { hostname } = new URL(`http://[${address.replace(/%.*$/, '')}]/`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array<string>(8 - before.length - after.length).fill('0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
