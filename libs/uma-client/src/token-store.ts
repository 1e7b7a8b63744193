import type { Clock } from '@uma-federation/uma-core';
import type { GrantedToken } from './requesting-party-token.ts';

/** A token this close to its end is not sent any more: the request takes time too. */
const MARGIN_SECONDS = 5;

/** RPTs of one client, to be used again until they expire. A resource is a method and a URL without query: its scopes depend on both. */
export class TokenStore {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #tokens = new Map<string, GrantedToken & { readonly expiresAt: number }>();

  /** @param capacity greatest number of tokens; the oldest goes first */
  constructor(clock: Clock, capacity = 256) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** A token for this request that has not expired. */
  find(method: string, url: URL): GrantedToken | undefined {
    const key = keyOf(method, url);
    const token = this.#tokens.get(key);
    if (token === undefined || token.expiresAt - MARGIN_SECONDS > this.#clock.now()) return token;
    this.#tokens.delete(key);
    return undefined;
  }

  /** Keeps a token, unless its server did not say how long it lasts. */
  put(method: string, url: URL, token: GrantedToken): void {
    const { expiresAt } = token;
    if (expiresAt === undefined) return;
    const key = keyOf(method, url);
    this.#tokens.delete(key);
    this.#tokens.set(key, { ...token, expiresAt });
    const oldest = this.#tokens.keys().next().value;
    if (this.#tokens.size > this.#capacity && oldest !== undefined) this.#tokens.delete(oldest);
  }

  /** Forgets a token that was refused. */
  remove(method: string, url: URL): void {
    this.#tokens.delete(keyOf(method, url));
  }
}

function keyOf(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`;
}
