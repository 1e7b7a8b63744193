import type { ConfiguredIssuer } from '@uma-federation/federation';
import { bearerToken } from '@uma-federation/oauth-server';
import {
  bearerRefusal,
  DiscoveryFailure,
  parseEmailAddress,
  temporarilyUnavailable,
  TokenFault,
  verifySubjectIdToken,
  type SubjectClaims,
  type VerifyDependencies,
} from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';

/** Authenticates resource owners at the owner API by an ID token of the domain's OpenID Provider (Decision D12). */
export class OwnerAuthentication {
  readonly #provider: ConfiguredIssuer;
  readonly #clientIds: readonly string[];
  readonly #servedDomains: readonly string[];
  readonly #deps: VerifyDependencies;

  constructor(provider: ConfiguredIssuer, clientIds: readonly string[], servedDomains: readonly string[], deps: VerifyDependencies) {
    this.#provider = provider;
    this.#clientIds = clientIds;
    this.#servedDomains = servedDomains;
    this.#deps = deps;
  }

  /**
   * The canonical e-mail address of the owner whose ID token the request carries.
   * @throws ProtocolError 401 `invalid_token` for anything but a live ID token for one of the owner API's clients, with a verified address
   *   of a domain that this AS-RO serves; 503 when the provider's keys cannot be had
   */
  async authenticate(request: FastifyRequest): Promise<string> {
    const { scheme, token } = bearerToken(request);
    // An ID token is no access token: there is nothing that a DPoP proof would be checked against.
    if (scheme !== 'Bearer') throw bearerRefusal('invalid_token', 'owner_token_not_as_bearer');
    const subject = await this.#verify(token);
    const email = subject.emailVerified && subject.email !== undefined ? parseEmailAddress(subject.email) : undefined;
    if (email === undefined) throw bearerRefusal('invalid_token', 'owner_email_not_verified');
    if (!this.#servedDomains.includes(email.domain)) throw bearerRefusal('invalid_token', 'owner_of_another_domain');
    return email.address;
  }

  async #verify(token: string): Promise<SubjectClaims> {
    let fault: TokenFault | undefined;
    for (const clientId of this.#clientIds) {
      try {
        const { issuer, keys } = this.#provider;
        return await verifySubjectIdToken(token, { issuer, clientId, keys }, this.#deps);
      } catch (error) {
        if (error instanceof DiscoveryFailure) throw temporarilyUnavailable('identity_provider_unavailable', 5, error.reason);
        if (!(error instanceof TokenFault)) throw error;
        fault = error;
        // Only another audience is worth another look.
        if (error.reason !== 'wrong_audience') break;
      }
    }
    throw bearerRefusal('invalid_token', `owner_token_${fault?.reason ?? 'unknown'}`);
  }
}
