import { DiscoveryFailure } from '../errors/discovery-failure.ts';
import { invalidRequest, invalidTarget, tooManyRequests } from '../errors/refusals.ts';
import { TokenFault } from '../errors/token-fault.ts';
import { isSameUri } from '../model/base-uri.ts';
import type { AuthenticatedClient } from '../model/client-registration.ts';
import { parseEmailAddress, type EmailAddress } from '../model/email-address.ts';
import type { Issuer } from '../model/ids.ts';
import { parseIssuer, type IssuerRules } from '../model/issuer.ts';
import type { JsonObject } from '../model/json.ts';
import type { IssuerDirectory } from '../ports/issuer-directory.ts';
import type { RateLimiter } from '../ports/rate-limiter.ts';
import type { SubjectClaims, SubjectTokens } from '../ports/subject-tokens.ts';
import { mintIdentityClaimsToken, type IdentityClaimsInput } from '../tokens/identity-claims-token.ts';
import type { MintDependencies, VerifyDependencies } from '../tokens/mint-dependencies.ts';
import { readResourceClaimsIssuer, verifyResourceClaimsToken, type ResourceClaims } from '../tokens/resource-claims-token.ts';
import type { TokenExchangeRequest } from '../wire/token-exchange-request.ts';
import { isTrusted, type TrustPolicy } from './trust-policy.ts';

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
  const actor = await verifyActor(request.actorToken, deps);
  assertMayAct(subject, actor, clientId);
  await assertTargets(request, actor, deps);
  const now = deps.clock.now();
  const expiresAt = Math.min(now + deps.tokenLifetimeSeconds, actor.expiresAt, subject.expiresAt);
  const ownerUri = request.resources.find((resource) => addressOf(resource) !== undefined);
  const claims: IdentityClaimsInput = {
    issuer: deps.issuer,
    audience: actor.issuer,
    email: email.address,
    clientId,
    actor: { ticketHash: actor.ticketHash, issuer: actor.issuer, audience: deps.emitActorAudience ? ownerUri : undefined },
    acr: subject.acr,
    amr: subject.amr,
    authTime: subject.authTime,
    confirmationThumbprint: thumbprint,
    claims: deps.releasedClaims?.(subject),
    expiresAt,
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

/** T10 to T12: whether the RCT's issuer may learn identities is decided before anything is fetched. */
async function verifyActor(actorToken: string, deps: TokenExchange): Promise<ResourceClaims> {
  const unverified = await orInvalidRequest('actor_token', async () => readResourceClaimsIssuer(actorToken));
  const issuer = parseIssuer(unverified.issuer, deps.issuerRules);
  if (issuer === undefined) throw invalidTarget('actor_issuer_unacceptable');
  if (!isTrusted(issuer, deps.trust)) throw invalidTarget('actor_issuer_not_allowed');
  const wait = await deps.issuerRateLimiter.take(issuer);
  if (wait !== undefined) throw tooManyRequests('actor_issuer_budget', wait);
  return orInvalidRequest('actor_token', () =>
    verifyResourceClaimsToken(unverified, { keysOf: (of) => deps.directory.keysOf(of), issuerRules: deps.issuerRules }, deps),
  );
}

/**
 * RFC 8693 4.4: `may_act` says who may act for the subject; here the ticket's authorization server (`actor`), or the client (A53).
 * @throws ProtocolError `invalid_request`
 */
export function assertMayAct({ mayAct }: SubjectClaims, actor: ResourceClaims | undefined, clientId: string): void {
  if (mayAct === undefined) return;
  const isActor = actor !== undefined && mayAct['iss'] === actor.issuer && (mayAct['sub'] === undefined || mayAct['sub'] === actor.ticketHash);
  const isClient = mayAct['iss'] === undefined && (mayAct['client_id'] === clientId || mayAct['sub'] === clientId);
  if (!isActor && !isClient) throw invalidRequest('may_act_violated');
}

/** C6, T14: every named target is the ticket's authorization server, its resource, or an owner whose domain names that server. */
async function assertTargets(request: TokenExchangeRequest, actor: ResourceClaims, { directory }: TokenExchange): Promise<void> {
  if (!request.audiences.every((audience) => audience === actor.issuer)) throw invalidTarget('audience_unknown');
  for (const resource of request.resources) {
    const owner = addressOf(resource);
    if (owner === 'malformed') throw invalidTarget('resource_not_an_email_address');
    const accepted = owner === undefined ? isSameTarget(resource, actor) : await servesOwner(owner, actor.issuer, directory);
    if (!accepted) throw invalidTarget('resource_not_of_the_actor');
  }
}

function isSameTarget(resource: string, { issuer, resourceUri }: ResourceClaims): boolean {
  return resource === issuer || resource === resourceUri || isSameUri(resource, new URL(resourceUri).origin);
}

async function servesOwner(owner: EmailAddress, issuer: Issuer, directory: IssuerDirectory): Promise<boolean> {
  try {
    return (await directory.issuerFor(owner, 'resource-owner')) === issuer;
  } catch (error) {
    if (error instanceof DiscoveryFailure && error.reason === 'discovery_budget') throw tooManyRequests('discovery_budget', 60);
    if (error instanceof DiscoveryFailure) throw invalidTarget(`owner_discovery_${error.reason}`);
    throw error;
  }
}

/** The address of a `mailto:` or `acct:` URI; undefined for other schemes. */
function addressOf(resource: string): EmailAddress | 'malformed' | undefined {
  const address = /^(?:mailto|acct):(.*)$/i.exec(resource)?.[1];
  if (address === undefined) return undefined;
  return parseEmailAddress(safeDecode(address)) ?? 'malformed';
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/**
 * RFC 8693 2.2.2: a subject or actor token that is invalid for any reason is `invalid_request`; so are keys that cannot be had (T11).
 * @param slot names the token in the reason
 */
export async function orInvalidRequest<T>(slot: string, verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    if (error instanceof TokenFault) throw invalidRequest(`${slot}_${error.reason}`);
    if (error instanceof DiscoveryFailure && error.reason === 'discovery_budget') throw tooManyRequests('discovery_budget', 60);
    if (error instanceof DiscoveryFailure) throw invalidRequest(`${slot}_discovery_${error.reason}`);
    throw error;
  }
}
