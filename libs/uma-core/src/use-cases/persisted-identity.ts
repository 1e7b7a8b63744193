import type { AuthenticatedClient } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { Clock } from '../ports/clock.ts';
import type { PersistedClaimsStore } from '../ports/persisted-claims-store.ts';
import type { Sha256 } from '../ports/sha-256.ts';
import { hashOpaqueToken, OPAQUE_TOKEN_PREFIXES } from '../tokens/opaque-token.ts';
import { isTrustedIdentity, type TrustPolicy } from './trust-policy.ts';

/** What honouring a PCT needs. */
export interface PersistedIdentityLookup {
  readonly persistedClaims: PersistedClaimsStore;
  /** Absent: none are issued, and none are honoured. */
  readonly persistedClaimsLifetimeSeconds?: number | undefined;
  readonly identityTrust: TrustPolicy;
  readonly clock: Clock;
  readonly sha256?: Sha256 | undefined;
}

/**
 * Whom a persisted claims token stands for (UMA Grant 3.3.1 `pct`).
 * @param request the `pct`, the client that presents it and the thumbprint of its proven DPoP key
 * @returns undefined, as if no `pct` had been sent, for a token that is unknown, expired, of another client or key (A20, G56), or about a person
 *   whose domain is not trusted any more
 */
export async function findPersistedIdentity(
  request: { readonly pct?: string | undefined; readonly client: AuthenticatedClient; readonly thumbprint?: string | undefined },
  deps: PersistedIdentityLookup,
): Promise<IdentityClaims | undefined> {
  if (deps.persistedClaimsLifetimeSeconds === undefined || request.pct?.startsWith(OPAQUE_TOKEN_PREFIXES.persistedClaims) !== true) return undefined;
  const found = await deps.persistedClaims.find(await hashOpaqueToken(request.pct, deps.sha256), deps.clock.now());
  if (found === undefined || found.clientId !== request.client.registration.clientId) return undefined;
  if (found.thumbprint !== undefined && found.thumbprint !== request.thumbprint) return undefined;
  return isTrustedIdentity(found.identity, deps.identityTrust) ? found.identity : undefined;
}
