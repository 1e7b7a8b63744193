import { generateDpopKey, mintDpopProof } from '@uma-federation/uma-core';
import type { Clock, DpopKey, Randomness } from '@uma-federation/uma-core';

/** What a proof is for. */
export interface ProvedRequest {
  readonly method: string;
  readonly url: URL;
  readonly accessToken?: string | undefined;
}

/** A nonce is a NQCHAR string (RFC 9449 8.1); a longer one would blow up the proof. */
const NONCE = /^[\x21\x23-\x5b\x5d-\x7e]{1,512}$/;

/**
 * Makes DPoP proofs with one key (RFC 9449). The same key serves AS-RqP, AS-RO and the resource server:
 * that is what ties the identity claims token to its presenter (Decision D3).
 */
export class DpopProver {
  readonly #clock: Clock;
  readonly #randomness: Randomness;
  readonly #nonces = new Map<string, string>();
  #key: Promise<DpopKey> | undefined;

  /** @param key undefined: a fresh key that cannot leave the process is made at the first proof */
  constructor(clock: Clock, randomness: Randomness, key?: DpopKey) {
    this.#clock = clock;
    this.#randomness = randomness;
    this.#key = key === undefined ? undefined : Promise.resolve(key);
  }

  /** A proof for one request, with the last nonce that the URL's server gave. */
  async prove({ method, url, accessToken }: ProvedRequest): Promise<string> {
    this.#key ??= generateDpopKey();
    const request = { method, url: url.href, accessToken, nonce: this.#nonces.get(url.origin) };
    return mintDpopProof(request, { key: await this.#key, clock: this.#clock, randomness: this.#randomness });
  }

  /** RFC 9449 8.2: a server may give a new nonce with any answer; the client uses it from then on. */
  rememberNonce(url: URL, headers: Headers): void {
    const nonce = headers.get('dpop-nonce');
    if (nonce !== null && NONCE.test(nonce)) this.#nonces.set(url.origin, nonce);
  }
}
