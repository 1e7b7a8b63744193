import { PeerFailure } from '@uma-federation/federation';
import {
  DiscoveryFailure,
  ProtocolError,
  TOKEN_TYPES,
  TokenFault,
  unverifiedIssuer,
  verifyDpopProof,
  verifyRequestingPartyToken,
  type Issuer,
  type ReplayGuard,
  type RequestingPartyToken,
  type VerificationKeys,
  type VerifyDependencies,
} from '@uma-federation/uma-core';
import type { AccessToken } from './access-token.ts';
import type { IntrospectionClient } from './introspection-client.ts';
import { LEGACY_TOKEN_PREFIX } from './legacy-dialect.ts';
import type { Credentials } from './read-credentials.ts';
import { verifiedTokenKeys, type Revocations, type VerifiedTokenCache } from './verified-token-cache.ts';

/** What came of looking at a token. `reason` is a stable id for the log. */
export type Verification =
  | { readonly kind: 'good'; readonly token: AccessToken }
  /** Not a live token of our AS-RO for us. */
  | { readonly kind: 'invalid'; readonly reason: string }
  /** RFC 9449 7.1: a live token, presented without the proof it needs, or with one of another key. */
  | { readonly kind: 'wrong_binding'; readonly reason: string }
  /** RFC 9449 4.3: the proof itself is not acceptable. */
  | { readonly kind: 'bad_proof'; readonly reason: string }
  /** It could not be found out: keys, AS-RO or what it revoked lately cannot be had. */
  | { readonly kind: 'unavailable'; readonly reason: string }
  /** A live token, but whether its proof was used before could not be found out. */
  | { readonly kind: 'proof_undecided'; readonly reason: string; readonly retryAfterSeconds: number };

/**
 * The tokens that a route takes: RPTs of UMA 2.0 that are verified here, such ones that AS-RO is asked about (Decision D10), or those of AS-RO's
 * UMA 1.0 facade, which it is always asked about.
 */
export type TokenKind = 'signed' | 'introspected' | 'legacy';

/** The request that a token came with. */
export interface PresentedToken {
  readonly credentials: Extract<Credentials, { kind: 'token' }>;
  readonly method: string;
  /** Public URL and canonical path, without query: what the proof's `htu` must be. */
  readonly url: string;
  /** What the route takes. */
  readonly tokens: TokenKind;
}

/** What verification needs. */
export interface TokenVerificationDependencies extends VerifyDependencies {
  readonly keys: VerificationKeys;
  readonly cache: VerifiedTokenCache;
  readonly revocations: Revocations;
  /** DPoP proofs that were seen. A guard in memory sees those of one replica only. */
  readonly replayGuard: ReplayGuard;
  readonly introspection: IntrospectionClient;
}

/** Verifies requesting party tokens and the proofs that come with them. */
export class TokenVerification {
  readonly #expected: { readonly issuer: Issuer; readonly audience: string; readonly bindingRequired: boolean };
  readonly #deps: TokenVerificationDependencies;
  readonly #keyOf: (token: string) => string;

  /** @param expected our AS-RO, our resource identifier, and whether a token must be bound to a key */
  constructor(
    expected: { readonly issuer: Issuer; readonly audience: string; readonly bindingRequired: boolean },
    dependencies: TokenVerificationDependencies,
  ) {
    this.#expected = expected;
    this.#deps = dependencies;
    this.#keyOf = verifiedTokenKeys({ issuer: expected.issuer, audience: expected.audience, typ: TOKEN_TYPES.accessToken });
  }

  /**
   * The same as `verify` for a bearer token that was verified lately; undefined when `verify` has to be asked. `exp` and revocation are
   * checked, as each time.
   */
  recall({ scheme, token: text }: PresentedToken['credentials']): Extract<Verification, { kind: 'good' }> | undefined {
    if (scheme !== 'Bearer') return undefined;
    const token = this.#deps.cache.find(this.#keyOf(text));
    const { revocations } = this.#deps;
    if (token === undefined || revocations.isRevoked(token) || revocations.isStale?.() === true) return undefined;
    return this.#refusalAsBearer(token) === undefined ? { kind: 'good', token } : undefined;
  }

  /**
   * Verifies a token and its proof (RFC 9068 4, RFC 9449 7). Does not check whether its permissions cover the request. Rejects for faults
   * of ours only, and never says good when something could not be checked (A92).
   */
  async verify(presented: PresentedToken): Promise<Verification> {
    try {
      const reason = this.#refusalUnseen(presented);
      if (reason !== undefined) return { kind: 'invalid', reason };
      const token = await this.#token(presented);
      return token === undefined ? { kind: 'invalid', reason: 'inactive' } : await this.#proof(token, presented);
    } catch (error) {
      if (error instanceof TokenFault) return { kind: 'invalid', reason: error.reason };
      if (error instanceof DiscoveryFailure || error instanceof PeerFailure) return { kind: 'unavailable', reason: error.reason };
      // The replay guard's 503; nothing else here speaks the protocol to a client.
      if (error instanceof ProtocolError) return { kind: 'proof_undecided', reason: error.reason, retryAfterSeconds: error.retryAfterSeconds ?? 1 };
      throw error;
    }
  }

  /**
   * Why a token is none for such a route, whatever AS-RO would say; it is not shown to it then. A token of one dialect opens nothing in the
   * other, and no AS-RO gets to see the signed tokens of another one, with which it could come here itself.
   */
  #refusalUnseen({ credentials: { scheme, token }, tokens }: PresentedToken): string | undefined {
    if (tokens === 'signed') return undefined;
    const isLegacy = token.startsWith(LEGACY_TOKEN_PREFIX);
    if (tokens === 'legacy') return isLegacy && scheme === 'Bearer' ? undefined : 'not_a_legacy_token';
    if (isLegacy) return 'legacy_token';
    const said = unverifiedIssuer(token);
    return said === undefined || said.issuer === this.#expected.issuer ? undefined : 'wrong_issuer';
  }

  async #token({ credentials, tokens }: PresentedToken): Promise<AccessToken | undefined> {
    if (tokens !== 'signed') return this.#deps.introspection.introspect(credentials.token);
    const token = await this.#locally(credentials.token);
    const { revocations } = this.#deps;
    if (revocations.isRevoked(token)) throw new TokenFault('revoked');
    // A92: whether its share was taken back since cannot be known.
    if (revocations.isStale?.() === true) throw new PeerFailure('revocations_stale');
    return token;
  }

  async #locally(text: string): Promise<RequestingPartyToken> {
    const { issuer, audience } = this.#expected;
    const { cache, keys } = this.#deps;
    const key = this.#keyOf(text);
    const known = cache.find(key);
    if (known !== undefined) return known;
    const token = await verifyRequestingPartyToken(text, { issuer, audience, keys }, this.#deps);
    cache.put(key, token);
    return token;
  }

  #refusalAsBearer({ confirmationThumbprint }: AccessToken): Verification | undefined {
    // RFC 9449 7.2: a bound token MUST NOT be accepted as a bearer token.
    if (confirmationThumbprint !== undefined) return { kind: 'wrong_binding', reason: 'bound_token_as_bearer' };
    return this.#expected.bindingRequired ? { kind: 'wrong_binding', reason: 'unbound_token' } : undefined;
  }

  async #proof(token: AccessToken, { credentials, method, url }: PresentedToken): Promise<Verification> {
    const { confirmationThumbprint } = token;
    if (credentials.scheme === 'Bearer') {
      return this.#refusalAsBearer(token) ?? { kind: 'good', token };
    }
    if (confirmationThumbprint === undefined) return { kind: 'wrong_binding', reason: 'unbound_token_as_dpop' };
    if (credentials.proof === undefined) return { kind: 'bad_proof', reason: 'proof_missing' };
    try {
      const proof = await verifyDpopProof(credentials.proof, { method, url, accessToken: credentials.token }, this.#deps);
      // RFC 9449 4.3 step 12: the key of the proof is the one that the token is bound to.
      if (proof.thumbprint !== confirmationThumbprint) return { kind: 'wrong_binding', reason: 'proof_of_another_key' };
      const first = await this.#deps.replayGuard.firstSeen('dpop-proof', proof.thumbprint, proof.proofId, proof.expiresAt);
      return first ? { kind: 'good', token } : { kind: 'bad_proof', reason: 'proof_replayed' };
    } catch (error) {
      if (error instanceof TokenFault) return { kind: 'bad_proof', reason: error.reason };
      throw error;
    }
  }
}
