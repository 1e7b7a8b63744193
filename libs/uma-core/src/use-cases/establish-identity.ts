import { DiscoveryFailure } from '../errors/discovery-failure.ts';
import { tooManyRequests } from '../errors/refusals.ts';
import { TokenFault } from '../errors/token-fault.ts';
import { speaks, type AuthenticatedClient } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { ClientId, Issuer } from '../model/ids.ts';
import type { ClientRegistry } from '../ports/client-registry.ts';
import type { IssuerDirectory } from '../ports/issuer-directory.ts';
import { readIdentityClaimsSubject, verifyIdentityClaimsToken } from '../tokens/identity-claims-token.ts';
import type { VerifyDependencies } from '../tokens/mint-dependencies.ts';
import type { PermissionTicket } from '../tokens/permission-ticket.ts';
import type { ChallengeExpectation } from '../tokens/ticket-binding.ts';
import { ticketChallenge, ticketHash } from '../tokens/ticket-hash.ts';
import { TOKEN_TYPE_URNS } from '../wire/urns.ts';
import type { OwnResources } from './own-resources.ts';
import { isTrustedVoucher, type TrustPolicy } from './trust-policy.ts';

/** Who the requesting party is; or that a fresh token could tell; or that the process has to end (protocol.md 8.0). */
export type Establishment =
  | { readonly outcome: 'identified'; readonly identity: IdentityClaims }
  | { readonly outcome: 'curable'; readonly reason: string }
  | { readonly outcome: 'refused'; readonly reason: string };

/** What establishing an identity needs. */
export interface IdentityEstablishing extends VerifyDependencies {
  readonly issuer: Issuer;
  readonly directory: Pick<IssuerDirectory, 'issuerFor' | 'keysOf'>;
  /** Knows what the ticket's resource server is called (seed 002 "evaluate resource"). */
  readonly clients: ClientRegistry;
  /** What the authorization server protects at itself. */
  readonly ownResources?: OwnResources | undefined;
  /** Issuers and e-mail domains that identities are taken from (D5). */
  readonly identityTrust: TrustPolicy;
  /** D3: whether the presenter must be the holder that the claims token names. A token that names a key is for its holder either way. */
  readonly holderBinding: 'required' | 'optional';
}

/**
 * Verifies an identity claims token: discovery is asked before anything in the token is believed, and the discovered issuer must be the token's
 * (protocol.md 1.7, 6.2; D3, D5). Does not check that the token is used once: the grant ledger decides that.
 * @param claimToken the pushed token and its format
 * @param presenter the ticket that the token must be bound to, the authenticated client, and the thumbprint of its proven DPoP key
 * @throws ProtocolError 429 when the client's budget for discovery of unknown domains is used up (A46)
 */
export async function establishIdentity(
  claimToken: { token: string; format: string },
  presenter: { ticket: PermissionTicket; client: AuthenticatedClient; thumbprint: string | undefined },
  deps: IdentityEstablishing,
): Promise<Establishment> {
  if (claimToken.format !== TOKEN_TYPE_URNS.jwt) return { outcome: 'curable', reason: 'claim_token_format' };
  try {
    return await verify(claimToken.token, presenter, deps);
  } catch (error) {
    if (error instanceof TokenFault) {
      return { outcome: error.faultClass === 'curable' ? 'curable' : 'refused', reason: `claim_token_${error.reason}` };
    }
    // A46: who makes us ask too many strangers has to wait.
    if (error instanceof DiscoveryFailure && error.reason === 'discovery_budget') throw tooManyRequests('discovery_budget', 60);
    // An outage of the other domain is no integrity fault of the token.
    if (error instanceof DiscoveryFailure) return { outcome: 'curable', reason: `claim_token_discovery_${error.reason}` };
    throw error;
  }
}

async function verify(
  token: string,
  { ticket, client, thumbprint }: { ticket: PermissionTicket; client: AuthenticatedClient; thumbprint: string | undefined },
  deps: IdentityEstablishing,
): Promise<Establishment> {
  const unverified = readIdentityClaimsSubject(token);
  const { email } = unverified;
  // Only the canonical spelling: another one would be another key in the owner's shares (A33, A34).
  if (email.address !== unverified.subject) return { outcome: 'refused', reason: 'subject_not_an_email_address' };
  if (!isTrustedVoucher(unverified.issuer, email.domain, deps.identityTrust)) return { outcome: 'refused', reason: 'domain_not_trusted' };
  const issuer = await deps.directory.issuerFor(email, 'requesting-party');
  // RFC 8414 4: code point by code point, no normalisation.
  if (issuer !== unverified.issuer) return { outcome: 'refused', reason: 'issuer_not_authoritative' };
  const { owner } = ticket.context;
  const identity = await verifyIdentityClaimsToken(
    unverified,
    {
      issuer,
      audience: deps.issuer,
      ticketHash: await ticketHash(ticket.nonce, deps.sha256),
      ownerUris: [`mailto:${owner}`, `acct:${owner}`],
      challenge: await challengeOf(ticket, client, deps),
      keys: deps.directory.keysOf(issuer),
    },
    deps,
  );
  const known = ticket.context.process?.identity;
  if (known !== undefined && known.email !== identity.email) return { outcome: 'refused', reason: 'requesting_party_changed' };
  // RFC 7800 3: "cnf" says that the presenter possesses the key. `optional` does without a holder where the token names no key, not where it does.
  const needsHolder = deps.holderBinding === 'required' || identity.confirmationThumbprint !== undefined;
  if (needsHolder && !isHolder(identity, client, thumbprint)) return { outcome: 'refused', reason: 'presenter_is_not_the_holder' };
  return { outcome: 'identified', identity };
}

/** What binds a token of the ticket-challenge dialect; undefined for a client that is not marked for it (protocol.md C3 to C5). */
async function challengeOf(ticket: PermissionTicket, client: AuthenticatedClient, deps: IdentityEstablishing): Promise<ChallengeExpectation | undefined> {
  if (!speaks(client.registration, 'ticket-challenge')) return undefined;
  return { ticketChallenge: await ticketChallenge(ticket.text, deps.sha256), resourceServerNames: await namesOf(ticket.context.resourceServer, deps) };
}

/** What a resource server is called: its identifier and the name it is registered with. */
async function namesOf(id: ClientId, { clients, ownResources }: IdentityEstablishing): Promise<readonly string[]> {
  if (ownResources?.clientId === id) return [ownResources.registration.identifier];
  const server = await clients.find(id);
  return [server?.resourceServer?.identifier, server?.clientName].filter((name) => name !== undefined);
}

/** D3: the same DPoP key, or a client that authenticated itself and has the same client_id on both sides. A bare client_id proves nothing. */
function isHolder(identity: IdentityClaims, client: AuthenticatedClient, thumbprint: string | undefined): boolean {
  if (identity.confirmationThumbprint !== undefined && identity.confirmationThumbprint === thumbprint) return true;
  return client.method !== 'none' && client.registration.clientId === identity.clientId;
}
