import {
  bearerRefusal, ProtocolError, TokenFault, verifyAccessToken, verifyRequestingPartyToken,
  type AccessToken, type Clock, type Issuer, type RequestingPartyToken, type SignatureVerifier, type VerificationKeys, type VerifyDependencies,
} from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';
import { bearerToken, type PresentedToken } from './bearer-authentication.ts';
import type { DpopProofs } from './dpop-proofs.ts';

/** What access tokens of the server's own APIs are checked with. */
export interface AccessTokenAuthenticationParts {
  /** The server's own issuer: issuer and audience of its tokens. */
  readonly issuer: Issuer;
  readonly keys: VerificationKeys;
  readonly signatures: SignatureVerifier;
  readonly clock: Clock;
  readonly proofs: DpopProofs;
}

type Verifier<Token> = (
  token: string,
  expected: { readonly issuer: Issuer; readonly audience: string; readonly keys: VerificationKeys },
  dependencies: VerifyDependencies,
) => Promise<Token>;

/** Authenticates requests to the authorization server's own APIs, for example the protection API (Federated Authorization 1.3). */
export class AccessTokenAuthentication {
  readonly #parts: AccessTokenAuthenticationParts;

  constructor(parts: AccessTokenAuthenticationParts) {
    this.#parts = parts;
  }

  /**
   * The verified access token of a request, its DPoP binding included (RFC 9449 7.1, 7.2).
   * Does not check: whether the client still exists.
   * @param request the request
   * @param target `url`: the endpoint's configured public URL, for the proof; `scope`: what the token must have
   * @throws ProtocolError 400 `invalid_request`, 401 `invalid_token` or `invalid_dpop_proof`, 403 `insufficient_scope`
   */
  async authenticate(request: FastifyRequest, target: { readonly url: string; readonly scope: string }): Promise<AccessToken> {
    const presented = bearerToken(request);
    const token = await this.#verify(presented.token, verifyAccessToken);
    await this.#requireBinding(request, presented, token, target.url);
    if (!token.scopes.includes(target.scope)) throw bearerRefusal('insufficient_scope', 'scope_missing');
    return token;
  }

  /**
   * The verified RPT of a request to what the authorization server protects by UMA at itself, its DPoP binding included.
   * Does not check: permissions, revocation.
   * @param url the endpoint's configured public URL, for the proof
   * @throws ProtocolError 400 `invalid_request`, 401 `invalid_token` or `invalid_dpop_proof`
   */
  async authenticateRequestingParty(request: FastifyRequest, url: string): Promise<RequestingPartyToken> {
    const presented = bearerToken(request);
    const token = await this.#verify(presented.token, verifyRequestingPartyToken);
    await this.#requireBinding(request, presented, token, url);
    return token;
  }

  async #verify<Token>(token: string, verify: Verifier<Token>): Promise<Token> {
    const { issuer, keys, signatures, clock } = this.#parts;
    try {
      return await verify(token, { issuer, audience: issuer, keys }, { signatures, clock });
    } catch (error) {
      if (error instanceof TokenFault) throw bearerRefusal('invalid_token', `access_token_${error.reason}`);
      throw error;
    }
  }

  async #requireBinding(request: FastifyRequest, presented: PresentedToken, token: Pick<AccessToken, 'confirmationThumbprint'>, url: string): Promise<void> {
    const bound = token.confirmationThumbprint;
    if (bound === undefined && presented.scheme === 'Bearer') return;
    // RFC 9449 7.2: a bound token "MUST NOT" be accepted as a Bearer token; 7.1: the scheme DPoP needs a bound token.
    if (bound === undefined || presented.scheme === 'Bearer') throw dpopRefusal('invalid_token', 'scheme_does_not_fit_binding');
    const thumbprint = await this.#proveKey(request, { method: request.method, url, accessToken: presented.token });
    if (thumbprint !== bound) throw dpopRefusal('invalid_token', thumbprint === undefined ? 'dpop_proof_missing' : 'dpop_key_differs');
  }

  async #proveKey(request: FastifyRequest, target: { readonly method: string; readonly url: string; readonly accessToken: string }): Promise<string | undefined> {
    try {
      return (await this.#parts.proofs.check(request.raw, target))?.thumbprint;
    } catch (error) {
      if (error instanceof ProtocolError && error.error === 'invalid_dpop_proof') throw dpopRefusal('invalid_dpop_proof', error.reason);
      throw error;
    }
  }
}

/** RFC 9449 7.1: at a resource the answer is 401 with a DPoP challenge. */
function dpopRefusal(error: 'invalid_token' | 'invalid_dpop_proof', reason: string): ProtocolError {
  return new ProtocolError({
    error,
    status: 401,
    reason,
    description: 'The access token or its DPoP proof is not acceptable.',
    headers: { 'WWW-Authenticate': `DPoP error="${error}", algs="ES256 EdDSA PS256 RS256"` },
  });
}
