import type { Clock } from '@uma-federation/uma-core';
import type { GrantedToken } from './requesting-party-token.ts';

/** A token this close to its end is not sent any more: the request takes time too. */
const MARGIN_SECONDS = 5;

type KeptToken = GrantedToken & { readonly expiresAt: number };

/**
 * RPTs of one client, to be used again until they expire. A resource is a method and a URL without query: its scopes depend on both.
 * One RPT may stand for several resources.
 */
export class TokenStore {
  readonly #clock: Clock;
  readonly #capacity: number;
  readonly #tokens = new Map<string, KeptToken>();

  /** @param capacity greatest number of resources; the one that was put first goes first */
  constructor(clock: Clock, capacity = 256) {
    this.#clock = clock;
    this.#capacity = capacity;
  }

  /** A token for this request that has not expired. */
  find(method: string, url: URL): GrantedToken | undefined {
    const key = keyOf(method, url);
    const token = this.#tokens.get(key);
    if (token === undefined || this.#isFresh(token)) return token;
    if (token.refreshToken === undefined) this.#tokens.delete(key);
    return undefined;
  }

  /** A token for this request that has expired and can be refreshed. */
  findRefreshable(method: string, url: URL): GrantedToken | undefined {
    const token = this.#tokens.get(keyOf(method, url));
    return token?.refreshToken === undefined || this.#isFresh(token) ? undefined : token;
  }

  /** The token of this origin that was put last and has not expired. */
  findByOrigin(origin: string): GrantedToken | undefined {
    return [...this.#tokens.values()].findLast((token) => token.origin === origin && this.#isFresh(token));
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

  /** Puts a token wherever another one stands, which is forgotten: after a refresh, or an upgrade (UMA Grant 3.3.5, G32). */
  replace(old: GrantedToken, token: GrantedToken): void {
    const { expiresAt } = token;
    for (const [key, kept] of this.#tokens) {
      if (kept.token !== old.token) continue;
      if (expiresAt === undefined) this.#tokens.delete(key);
      else this.#tokens.set(key, { ...token, expiresAt });
    }
  }

  /** Forgets a token for one resource, because it was refused there. */
  remove(method: string, url: URL): void {
    this.#tokens.delete(keyOf(method, url));
  }

  /** Forgets a token wherever it stands. */
  drop(token: GrantedToken): void {
    for (const [key, kept] of this.#tokens) if (kept.token === token.token) this.#tokens.delete(key);
  }

  /** A store of its own with the same resources. @param change what becomes of each token */
  copy(change: (token: GrantedToken) => GrantedToken): TokenStore {
    const store = new TokenStore(this.#clock, this.#capacity);
    for (const [key, token] of this.#tokens) store.#tokens.set(key, { ...change(token), expiresAt: token.expiresAt });
    return store;
  }

  /** Every token once, expired ones included. */
  list(): readonly GrantedToken[] {
    return [...new Map([...this.#tokens.values()].map((token) => [token.token, token])).values()];
  }

  #isFresh(token: KeptToken): boolean {
    return token.expiresAt - MARGIN_SECONDS > this.#clock.now();
  }
}

function keyOf(method: string, url: URL): string {
  return `${method} ${url.origin}${url.pathname}`;
}
