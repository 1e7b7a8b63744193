import { invalidRequest } from '../errors/refusals.ts';
import type { AuthenticatedClient } from '../model/client-registration.ts';
import { parseEmailAddress, type EmailAddress } from '../model/email-address.ts';
import type { Issuer } from '../model/ids.ts';
import type { IssuerRules } from '../model/issuer.ts';
import type { JsonObject } from '../model/json.ts';
import type { IssuerDirectory } from '../ports/issuer-directory.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { SubjectClaims, SubjectTokens } from '../ports/subject-tokens.ts';
import { mintIdentityClaimsToken, type IdentityClaimsInput } from '../tokens/identity-claims-token.ts';
import type { MintDependencies, VerifyDependencies } from '../tokens/mint-dependencies.ts';
import type { TokenExchangeRequest } from '../wire/token-exchange-request.ts';
import { bindToTicket, orInvalidRequest } from './bind-to-ticket.ts';
import type { TrustPolicy } from './trust-policy.ts';

/** What token exchange needs. `servedDomains` are the e-mail domains (A-labels) this AS-RqP is authoritative for. */
export interface TokenExchange extends MintDependencies, VerifyDependencies {
  readonly issuer: Issuer;
  readonly servedDomains: readonly string[];
  readonly subjectTokens: SubjectTokens;
  readonly directory: IssuerDirectory;
  /** The AS-ROs that identities are released to (D5). */
  readonly trust: TrustPolicy;
  readonly issuerRules: IssuerRules;
  /** Budget per RCT issuer (T22). */
  readonly issuerRateLimiter: RateLimiter;
  readonly tokenLifetimeSeconds: number;
  /** Emit `act.aud` (D7): off by default. */
  readonly emitActorAudience: boolean;
  /** Claims of the person that go into every identity claims token, beyond the profile's; none by default (T17). */
  readonly releasedClaims?: ((subject: SubjectClaims) => JsonObject) | undefined;
}

/** An identity claims token and its lifetime in seconds. */
export interface ExchangedToken {
  readonly token: string;
  readonly expiresIn: number;
}

/**
 * Exchanges a person's token for an identity claims token that is bound to one ticket and meant for one AS-RO (RFC 8693; seed 003 steps 5 and 6).
 * @param request the parsed request
 * @param client the authenticated client; the subject token must have been issued to it (T7)
 * @param thumbprint RFC 7638 thumbprint of the DPoP key proven with the request, if any
 * @throws ProtocolError `invalid_request` for unacceptable tokens, `invalid_target` for an AS-RO or target that policy refuses, 429 beyond the issuer's budget
 */
export async function exchangeToken(
  request: TokenExchangeRequest,
  client: AuthenticatedClient,
  thumbprint: string | undefined,
  deps: TokenExchange,
): Promise<ExchangedToken> {
  const { clientId } = client.registration;
  const subject = await orInvalidRequest('subject_token', () => deps.subjectTokens.verify(request.subjectToken, request.subjectTokenType, clientId));
  const email = assessSubject(subject, clientId, thumbprint, deps);
  const binding = await bindToTicket(request, subject, clientId, deps);
  const now = deps.clock.now();
  const claims: IdentityClaimsInput = {
    issuer: deps.issuer,
    ...binding,
    email: email.address,
    clientId,
    acr: subject.acr,
    amr: subject.amr,
    authTime: subject.authTime,
    confirmationThumbprint: thumbprint,
    claims: deps.releasedClaims?.(subject),
    expiresAt: Math.min(now + deps.tokenLifetimeSeconds, binding.expiresAt ?? Infinity, subject.expiresAt),
  };
  // A subject token in its last seconds of clock skew leaves no time for a token that may not outlive it.
  const minted = await orInvalidRequest('subject_token', () => mintIdentityClaimsToken(claims, deps));
  return { token: minted.token, expiresIn: minted.expiresAt - now };
}

/**
 * T6 to T8: the subject token is this client's, of a verified address of a domain that we vouch for, and used with its own key.
 * @returns the person's address
 * @throws ProtocolError `invalid_request`
 */
export function assessSubject(subject: SubjectClaims, clientId: string, thumbprint: string | undefined, deps: Pick<TokenExchange, 'servedDomains'>): EmailAddress {
  if (subject.clientId !== clientId) throw invalidRequest('subject_token_of_another_client');
  if (subject.confirmationThumbprint !== undefined && subject.confirmationThumbprint !== thumbprint) {
    throw invalidRequest('subject_token_key_not_proven');
  }
  if (!subject.emailVerified || subject.email === undefined) throw invalidRequest('email_not_verified');
  const email = parseEmailAddress(subject.email);
  if (email === undefined) throw invalidRequest('email_malformed');
  if (!deps.servedDomains.includes(email.domain)) throw invalidRequest('email_of_another_domain');
  return email;
}
