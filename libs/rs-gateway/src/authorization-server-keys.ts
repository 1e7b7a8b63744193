import { usableKeys, type ConfiguredPeer } from '@uma-federation/federation';
import { DiscoveryFailure, keyFitsAlgorithm, type Clock, type PublicJwk, type SignatureAlgorithm, type VerificationKeys } from '@uma-federation/uma-core';
import type { AuthorizationServer } from './authorization-server.ts';

/** Keys that could not be refreshed for so long are no longer believed: one of them may have been withdrawn. */
const MAX_AGE_SECONDS = 3600;
/** A44: an unknown key id causes at most one fetch in this time. */
const REFETCH_PAUSE_SECONDS = 60;
/** While there are no keys at all, AS-RO is asked at most once in this time. */
const RETRY_PAUSE_SECONDS = 2;

/**
 * AS-RO's keys, fetched ahead: `refresh` is called in the background, so that verifying a token costs no network call.
 * Only a key id that is not in the set makes `find` ask, at most once a minute.
 */
export class AuthorizationServerKeys implements VerificationKeys {
  readonly #server: AuthorizationServer;
  readonly #peer: ConfiguredPeer;
  readonly #clock: Clock;
  #keys: ReadonlyMap<string, PublicJwk> = new Map();
  #readAt = -Infinity;
  #askedAt = -Infinity;
  #flight: Promise<void> | undefined;

  constructor(dependencies: { readonly server: AuthorizationServer; readonly peer: ConfiguredPeer; readonly clock: Clock }) {
    this.#server = dependencies.server;
    this.#peer = dependencies.peer;
    this.#clock = dependencies.clock;
  }

  /** @inheritdoc */
  async find(keyId: string, algorithm: SignatureAlgorithm): Promise<PublicJwk | undefined> {
    if (!this.#usable || !this.#keys.has(keyId)) await this.#ask();
    if (!this.#usable) throw new DiscoveryFailure('keys_unavailable');
    const key = this.#keys.get(keyId);
    return key !== undefined && keyFitsAlgorithm(key, algorithm) ? key : undefined;
  }

  /**
   * Fetches the keys from the `jwks_uri` of AS-RO's metadata, which is read again too.
   * @throws DiscoveryFailure or PeerFailure; the keys that are known stay in use for an hour after they were read
   */
  async refresh(): Promise<void> {
    this.#flight ??= this.#read().finally(() => {
      this.#flight = undefined;
    });
    return this.#flight;
  }

  get #usable(): boolean {
    return this.#clock.now() < this.#readAt + MAX_AGE_SECONDS;
  }

  async #ask(): Promise<void> {
    const pause = this.#usable ? REFETCH_PAUSE_SECONDS : RETRY_PAUSE_SECONDS;
    if (this.#flight === undefined && this.#clock.now() < this.#askedAt + pause) return;
    this.#askedAt = this.#clock.now();
    await this.refresh().catch(() => undefined);
  }

  async #read(): Promise<void> {
    const { jwks } = await this.#server.reload();
    const answer = await this.#peer.request({ method: 'GET', url: jwks, headers: { accept: 'application/jwk-set+json, application/json' } });
    if (answer.status !== 200) throw new DiscoveryFailure('jwks_status');
    this.#keys = usableKeys(answer.json);
    this.#readAt = this.#clock.now();
  }
}
