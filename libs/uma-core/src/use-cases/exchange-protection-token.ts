import { invalidGrant, invalidRequest, invalidScope, unauthorizedClient } from '../errors/refusals.ts';
import type { AuthenticatedClient, ResourceServerRegistration } from '../model/client-registration.ts';
import type { ConsentId, Issuer } from '../model/ids.ts';
import type { ProtectionRefreshTokens } from '../ports/protection-refresh-tokens.ts';
import type { ResourceServerConsents } from '../ports/resource-server-consents.ts';
import type { SubjectTokens } from '../ports/subject-tokens.ts';
import { encodeBase64Url } from '../tokens/base64url.ts';
import type { MintDependencies } from '../tokens/mint-dependencies.ts';
import { hashOpaqueToken, mintOpaqueToken, OPAQUE_TOKEN_PREFIXES } from '../tokens/opaque-token.ts';
import { mintAccessToken } from '../tokens/protection-api-token.ts';
import type { ProtectionTokenRequest } from '../wire/protection-token-request.ts';
import { GRANT_TYPES, PROTECTION_SCOPE } from '../wire/urns.ts';
import { assertMayAct, orInvalidRequest } from './bind-to-ticket.ts';
import { assessSubject } from './exchange-token.ts';

/** What giving PATs of persons needs. */
export interface PersonalProtectionTokens extends MintDependencies {
  readonly issuer: Issuer;
  /** E-mail domains (A-labels) whose people may own resources here. */
  readonly servedDomains: readonly string[];
  /** Of the domain's own OpenID Provider. */
  readonly subjectTokens: SubjectTokens;
  readonly consents: ResourceServerConsents;
  readonly refreshTokens: ProtectionRefreshTokens;
  /** At most 3600. */
  readonly lifetimeSeconds: number;
  /** From a refresh token's issuance to its end, unless it is used before. */
  readonly refreshLifetimeSeconds: number;
}

/** A PAT of a person, and the token that gets the next one while the owner is away. */
export interface PersonalProtectionToken {
  readonly token: string;
  readonly expiresIn: number;
  readonly tokenType: 'Bearer' | 'DPoP';
  readonly refreshToken?: string | undefined;
}

/**
 * Gives a resource server a PAT of the owner who signed in at it: bound to owner, RS and this server (Federated Authorization 1.3; F5).
 * The subject token proves the sign-in, because the domain's provider issued it to this RS; that is the owner's consent, which lasts until
 * the owner ends it. A refresh token comes with it when the client is registered for that grant.
 * @param client the authenticated client
 * @param thumbprint RFC 7638 thumbprint of the DPoP key proven with the request, if any; the PAT is bound to it
 * @throws ProtocolError `unauthorized_client` for a public client or one that is no resource server, `invalid_scope` for one without the scope,
 *   `invalid_request` for a subject token that is not acceptable, or when the owner has ended the consent (RFC 8693 2.2.2)
 */
export async function exchangeProtectionToken(
  request: ProtectionTokenRequest,
  client: AuthenticatedClient,
  thumbprint: string | undefined,
  deps: PersonalProtectionTokens,
): Promise<PersonalProtectionToken> {
  const { clientId } = client.registration;
  const { providerClientId = clientId } = requireResourceServer(client);
  const subject = await orInvalidRequest('subject_token', () => deps.subjectTokens.verify(request.subjectToken, request.subjectTokenType, providerClientId));
  const { address: owner } = assessSubject(subject, providerClientId, thumbprint, deps);
  assertMayAct(subject, undefined, providerClientId);
  const now = deps.clock.now();
  const fresh = freshConsentId(deps);
  const consent = await deps.consents.use({ owner, resourceServer: clientId, fresh, now });
  if (consent === undefined) throw invalidRequest('owner_has_ended_the_consent');
  const pat = await mint({ client, owner, consent, thumbprint }, deps);
  if (!client.registration.grantTypes.includes(GRANT_TYPES.refreshToken)) return pat;
  const { token: refreshToken, hash } = await mintOpaqueToken(OPAQUE_TOKEN_PREFIXES.protectionRefresh, deps);
  await deps.refreshTokens.keep({ hash, resourceServer: clientId, consent, expiresAt: now + deps.refreshLifetimeSeconds });
  return { ...pat, refreshToken };
}

/**
 * Gives the next PAT for a refresh token, and the next refresh token (RFC 6749 6, RFC 9700 4.14.2): the owner need not be there
 * (Federated Authorization 1.3).
 * @throws ProtocolError `invalid_grant` for a token that is unknown, expired, used or another client's, or whose consent the owner has ended;
 *   `unauthorized_client` and `invalid_scope` as the exchange does
 */
export async function refreshProtectionToken(
  refreshToken: string,
  client: AuthenticatedClient,
  thumbprint: string | undefined,
  deps: PersonalProtectionTokens,
): Promise<PersonalProtectionToken> {
  requireResourceServer(client);
  const { clientId } = client.registration;
  const now = deps.clock.now();
  const next = await mintOpaqueToken(OPAQUE_TOKEN_PREFIXES.protectionRefresh, deps);
  const presented = { hash: await hashOpaqueToken(refreshToken, deps.sha256), resourceServer: clientId, now };
  const rotated = await deps.refreshTokens.rotate(presented, { hash: next.hash, expiresAt: now + deps.refreshLifetimeSeconds });
  if (rotated === 'reused') throw invalidGrant('refresh_token_reused');
  if (rotated === undefined) throw invalidGrant('refresh_token_unknown');
  return { ...(await mint({ client, ...rotated, thumbprint }, deps)), refreshToken: next.token };
}

/** An id for a consent: 128 random bits. */
export function freshConsentId({ randomness }: Pick<MintDependencies, 'randomness'>): ConsentId {
  return `cns_${encodeBase64Url(randomness.bytes(16))}` as ConsentId;
}

function requireResourceServer({ registration, method }: AuthenticatedClient): ResourceServerRegistration {
  if (method === 'none') throw unauthorizedClient('public_client');
  if (registration.resourceServer === undefined) throw unauthorizedClient('client_is_no_resource_server');
  if (!registration.scopes.includes(PROTECTION_SCOPE)) throw invalidScope('scope_not_registered');
  return registration.resourceServer;
}

async function mint(
  pat: { readonly client: AuthenticatedClient; readonly owner: string; readonly consent: ConsentId; readonly thumbprint: string | undefined },
  deps: PersonalProtectionTokens,
): Promise<PersonalProtectionToken> {
  const { issuer, lifetimeSeconds } = deps;
  const { client, owner, consent, thumbprint } = pat;
  const { token } = await mintAccessToken(
    {
      issuer,
      audience: issuer,
      subject: owner,
      clientId: client.registration.clientId,
      scope: PROTECTION_SCOPE,
      consent,
      lifetimeSeconds,
      confirmationThumbprint: thumbprint,
    },
    deps,
  );
  return { token, expiresIn: lifetimeSeconds, tokenType: thumbprint === undefined ? 'Bearer' : 'DPoP' };
}
