import { DiscoveryFailure } from '../errors/discovery-failure.ts';
import { invalidRequest, invalidTarget, tooManyRequests } from '../errors/refusals.ts';
import { TokenFault } from '../errors/token-fault.ts';
import { isSameUri } from '../model/base-uri.ts';
import { parseEmailAddress, type EmailAddress } from '../model/email-address.ts';
import type { Issuer } from '../model/ids.ts';
import { parseIssuer } from '../model/issuer.ts';
import type { JsonObject } from '../model/json.ts';
import type { IssuerDirectory } from '../ports/issuer-directory.ts';
import type { SubjectClaims } from '../ports/subject-tokens.ts';
import { formerActors } from '../tokens/actor-claim.ts';
import type { IdentityClaimsInput } from '../tokens/identity-claims-token.ts';
import { readResourceClaimsIssuer, verifyResourceClaimsToken, type ResourceClaims } from '../tokens/resource-claims-token.ts';
import type { ChallengedExchangeRequest, CorrelatedExchangeRequest, TokenExchangeRequest } from '../wire/token-exchange-request.ts';
import type { TokenExchange } from './exchange-token.ts';
import { isTrusted } from './trust-policy.ts';

/** Characters of a resource server's name. */
const MAX_RESOURCE_NAME = 512;

/** Whom the token is for, and how it is bound to the ticket; `expiresAt` (NumericDate) when what it is bound by ends. */
export type Binding = Pick<IdentityClaimsInput, 'audience' | 'actor' | 'challenge'> & { readonly expiresAt?: number };

/**
 * Finds out for which AS-RO and which ticket an identity claims token may be made (seed 003 step 5, seed 002 step 4; protocol.md 1.7, 1.8 C3 to C6).
 * @param subject the verified subject token
 * @throws ProtocolError `invalid_request` for an unacceptable actor token, `invalid_target` for an AS-RO or target that policy refuses, 429 beyond a budget
 */
export async function bindToTicket(request: TokenExchangeRequest, subject: SubjectClaims, clientId: string, deps: TokenExchange): Promise<Binding> {
  return request.ticketChallenge === undefined ? bindToActor(request, subject, clientId, deps) : bindToChallenge(request, subject, clientId, deps);
}

/** Seed 003 step 5: the resource claims token says who decides, and about which ticket. */
async function bindToActor(request: CorrelatedExchangeRequest, subject: SubjectClaims, clientId: string, deps: TokenExchange): Promise<Binding> {
  const actor = await verifyActor(request.actorToken, deps);
  assertMayAct(subject, actor, clientId);
  await assertTargets(request, actor, deps);
  const ownerUri = request.resources.find((resource) => addressOf(resource) !== undefined);
  return {
    audience: actor.issuer,
    actor: { ticketHash: actor.ticketHash, issuer: actor.issuer, audience: deps.emitActorAudience ? ownerUri : undefined, former: formerActorsOf(subject) },
    expiresAt: actor.expiresAt,
  };
}

/**
 * Seed 002 step 4: nothing but the client says which ticket and which AS-RO it is. So `resource` must name the AS-RO, by its issuer
 * identifier or by the owner whose domain names it (protocol.md C6), and the token is good for nobody else. The seed's logical name of
 * the resource server ("RS API") is an `audience`; AS-RO compares it with the ticket's.
 */
async function bindToChallenge(request: ChallengedExchangeRequest, subject: SubjectClaims, clientId: string, deps: TokenExchange): Promise<Binding> {
  const { ticketChallenge, resources, audiences } = request;
  const named = resources.filter((resource) => addressOf(resource) === undefined);
  for (const resource of named) assertTrustedIssuer(resource, 'resource', deps);
  // The client acts here, and nobody else (RFC 8693 4.4). A token has no room for former actors beside the challenge (C5).
  assertMayAct(subject, undefined, clientId);
  if (subject.act !== undefined) throw invalidRequest('subject_token_with_act');
  const owners = resources.flatMap((resource) => addressOf(resource) ?? []);
  const issuers = new Set<string>(named);
  for (const owner of owners) issuers.add(await resourceOwnerIssuer(owner, deps.directory));
  const [audience, ...others] = [...issuers];
  if (audience === undefined) throw invalidTarget('ticket_challenge_without_resource');
  if (others.length > 0) throw invalidTarget('resources_of_several_issuers');
  const issuer = assertTrustedIssuer(audience, 'resource', deps);
  const [resource, ...more] = new Set(audiences.filter((name) => name !== issuer));
  if (more.length > 0 || (resource?.length ?? 0) > MAX_RESOURCE_NAME) throw invalidTarget('audience_not_one_name');
  await takeIssuerBudget(issuer, deps);
  // No token of its own says that it asked. What we sign for it must at least not be good for somebody who knows nothing of tickets.
  await orInvalidTarget('resource', () => deps.directory.requireUmaServer(issuer));
  return { audience: issuer, challenge: { ticketChallenge, resource } };
}

/** T10, D5: whether an AS-RO may learn identities. */
function assertTrustedIssuer(named: string, slot: 'actor' | 'resource', deps: TokenExchange): Issuer {
  const issuer = parseIssuer(named, deps.issuerRules);
  if (issuer === undefined) throw invalidTarget(`${slot}_issuer_unacceptable`);
  if (!isTrusted(issuer, deps.trust)) throw invalidTarget(`${slot}_issuer_not_allowed`);
  return issuer;
}

/** T22. */
async function takeIssuerBudget(issuer: Issuer, deps: TokenExchange): Promise<void> {
  const wait = await deps.issuerRateLimiter.take(issuer);
  if (wait !== undefined) throw tooManyRequests('actor_issuer_budget', wait);
}

/** T10 to T12: whether the RCT's issuer may learn identities is decided before anything is fetched. */
async function verifyActor(actorToken: string, deps: TokenExchange): Promise<ResourceClaims> {
  const unverified = await orInvalidRequest('actor_token', async () => readResourceClaimsIssuer(actorToken));
  await takeIssuerBudget(assertTrustedIssuer(unverified.issuer, 'actor', deps), deps);
  return orInvalidRequest('actor_token', () =>
    verifyResourceClaimsToken(unverified, { keysOf: (of) => deps.directory.keysOf(of), issuerRules: deps.issuerRules }, deps),
  );
}

/**
 * RFC 8693 4.4: `may_act` says who may act for the subject; here the ticket's authorization server (`actor`), or the client (A53).
 * @throws ProtocolError `invalid_request`
 */
export function assertMayAct(subject: SubjectClaims, actor: ResourceClaims | undefined, clientId: string): void {
  const named = subject.mayAct;
  const isActor = actor !== undefined && named?.['iss'] === actor.issuer && (named['sub'] === undefined || named['sub'] === actor.ticketHash);
  if (!isActor && !mayAct(subject, clientId)) throw invalidRequest('may_act_violated');
}

/** Whether the client may act for the subject: `may_act` names it, or says nothing (RFC 8693 4.4). */
export function mayAct({ mayAct: named }: Pick<SubjectClaims, 'mayAct'>, clientId: string): boolean {
  return named === undefined || (named['iss'] === undefined && (named['client_id'] === clientId || named['sub'] === clientId));
}

/** Protocol.md 5.5: "an ATU with act: chain it below, depth ≤ 3". */
function formerActorsOf({ act }: SubjectClaims): JsonObject | undefined {
  if (act === undefined) return undefined;
  const former = formerActors(act);
  if (former === undefined) throw invalidRequest('subject_token_act_too_deep');
  return former;
}

/** C6, T14: every named target is the ticket's authorization server, its resource, or an owner whose domain names that server. */
async function assertTargets(request: CorrelatedExchangeRequest, actor: ResourceClaims, { directory }: TokenExchange): Promise<void> {
  if (!request.audiences.every((audience) => audience === actor.issuer)) throw invalidTarget('audience_unknown');
  for (const resource of request.resources) {
    const owner = addressOf(resource);
    const accepted = owner === undefined ? isSameTarget(resource, actor) : (await resourceOwnerIssuer(owner, directory)) === actor.issuer;
    if (!accepted) throw invalidTarget('resource_not_of_the_actor');
  }
}

function isSameTarget(resource: string, { issuer, resourceUri }: ResourceClaims): boolean {
  return resource === issuer || resource === resourceUri || isSameUri(resource, new URL(resourceUri).origin);
}

/** The AS-RO that the owner's domain names. */
function resourceOwnerIssuer(owner: EmailAddress, directory: IssuerDirectory): Promise<Issuer> {
  return orInvalidTarget('owner', () => directory.issuerFor(owner, 'resource-owner'));
}

async function orInvalidTarget<T>(what: 'owner' | 'resource', discover: () => Promise<T>): Promise<T> {
  try {
    return await discover();
  } catch (error) {
    if (error instanceof DiscoveryFailure && error.reason === 'discovery_budget') throw tooManyRequests('discovery_budget', 60);
    if (error instanceof DiscoveryFailure) throw invalidTarget(`${what}_discovery_${error.reason}`);
    throw error;
  }
}

/** The address of a `mailto:` or `acct:` URI; undefined for other schemes. */
function addressOf(resource: string): EmailAddress | undefined {
  const text = /^(?:mailto|acct):(.*)$/i.exec(resource)?.[1];
  if (text === undefined) return undefined;
  const address = parseEmailAddress(safeDecode(text));
  if (address === undefined) throw invalidTarget('resource_not_an_email_address');
  return address;
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}

/** RFC 8693 2.2.2: a subject or actor token that is invalid for any reason is `invalid_request`; so are keys that cannot be had (T11). */
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
