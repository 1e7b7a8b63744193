import { keysOfSet, type RemoteKeySets } from '@uma-federation/federation';
import {
  DiscoveryFailure, invalidClient, TokenFault, tooManyRequests, verifyClientAssertion,
  type ClientKeys, type ClientRegistration, type Issuer, type JsonObject, type PublicJwk, type ReplayGuard, type UnverifiedClientAssertion, type VerificationKeys, type VerifyDependencies,
} from '@uma-federation/uma-core';

/** What client assertions are checked with. */
export interface ClientAssertionsParts extends VerifyDependencies {
  /** The server's own issuer identifier: the only audience (RFC 10070). */
  readonly issuer: Issuer;
  readonly replays: ReplayGuard;
  /** For clients that publish their keys. */
  readonly keySets: RemoteKeySets;
}

/** Stands in for the key of a client that has none; whoever had its private half would still be refused. */
const NOBODYS_KEY: PublicJwk = {
  kty: 'EC',
  crv: 'P-256',
  x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU',
  y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0',
};

/** Authenticates clients by JWTs that they sign (`private_key_jwt`: RFC 7523 2.2, RFC 10070), each once (A70). */
export class ClientAssertions {
  readonly #parts: ClientAssertionsParts;
  /** Keys that came with a registration, as long as that is held. */
  readonly #given = new WeakMap<JsonObject, VerificationKeys>();

  constructor(parts: ClientAssertionsParts) {
    this.#parts = parts;
  }

  /**
   * Checks the assertion of a client; one for a client that has no keys costs a signature check, too (A78).
   * @param registration the client that the assertion names, if it is one that authenticates this way
   * @param source on whose budget keys are fetched that are not known yet
   * @throws ProtocolError 401 `invalid_client`; 429 when the source made us ask too many strangers, 503 when the replay guard does not answer
   */
  async verify(assertion: UnverifiedClientAssertion, registration: ClientRegistration | undefined, source: string | undefined): Promise<void> {
    const { issuer, replays } = this.#parts;
    if (registration?.keys === undefined) {
      await this.#parts.signatures.verify('ES256', NOBODYS_KEY, assertion.jws.signingInput, assertion.jws.signature);
      throw invalidClient(registration === undefined ? 'unknown_client' : 'assertion_of_client_without_keys');
    }
    const expiresAt = await this.#verifySignature(assertion, issuer, registration.keys, source);
    // Not before the signature is right: nobody else can use up a client's identifiers.
    if (!(await replays.firstSeen('client-assertion', registration.clientId, assertion.assertionId, expiresAt))) throw invalidClient('assertion_replayed');
  }

  async #verifySignature(assertion: UnverifiedClientAssertion, issuer: Issuer, keys: ClientKeys, source: string | undefined): Promise<number> {
    try {
      return await verifyClientAssertion(assertion, { issuer, keys: this.#keysOf(keys, source) }, this.#parts);
    } catch (error) {
      if (error instanceof TokenFault) throw invalidClient(`assertion_${error.reason}`);
      // A46: who makes us ask too many strangers has to wait.
      if (error instanceof DiscoveryFailure && error.reason === 'discovery_budget') throw tooManyRequests('discovery_budget', 60);
      if (error instanceof DiscoveryFailure) throw invalidClient('client_keys_unavailable', error.reason);
      throw error;
    }
  }

  #keysOf(keys: ClientKeys, source: string | undefined): VerificationKeys {
    return 'jwks' in keys ? this.#keysIn(keys.jwks) : this.#parts.keySets.at(keys.jwksUri, source);
  }

  #keysIn(jwks: JsonObject): VerificationKeys {
    const keys = this.#given.get(jwks) ?? keysOfSet(jwks);
    this.#given.set(jwks, keys);
    return keys;
  }
}
