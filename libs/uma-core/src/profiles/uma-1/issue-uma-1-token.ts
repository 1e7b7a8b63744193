import type { Clock } from '../../ports/clock.ts';
import type { Randomness } from '../../ports/randomness.ts';
import type { Sha256 } from '../../ports/sha-256.ts';
import type { Uma1TokenStore } from '../../ports/uma-1-token-store.ts';
import { mintOpaqueToken, OPAQUE_TOKEN_PREFIXES, type OpaqueToken } from '../../tokens/opaque-token.ts';
import { holderOf, type Uma1Party } from './uma-1-party.ts';

/** What issuing RPTs of UMA 1.0 needs. */
export interface Uma1TokenIssuing {
  readonly uma1Tokens: Uma1TokenStore;
  readonly clock: Clock;
  readonly randomness: Randomness;
  readonly sha256?: Sha256 | undefined;
  readonly uma1TokenLifetimeSeconds: number;
}

/**
 * Issues an RPT: "On first issuance the RPT is associated with no permissions" (D05 3.4.4; D07 3.4.1).
 * @param previous `ended`: "If the AAT provided in the header is the same as one provided for a previously issued RPT by this AM, the AM invalidates
 *   the old RPT and its permissions"
 * @returns the token, which is kept only as a hash
 * @throws ProtocolError 503 when the store does not answer
 */
export async function issueUma1Token(party: Uma1Party, previous: 'ended' | 'kept', deps: Uma1TokenIssuing): Promise<OpaqueToken> {
  const made = await mintOpaqueToken(OPAQUE_TOKEN_PREFIXES.uma1, deps);
  const issuedAt = deps.clock.now();
  await deps.uma1Tokens.issue({ ...holderOf(party), tokenHash: made.hash, issuedAt, expiresAt: issuedAt + deps.uma1TokenLifetimeSeconds }, previous);
  return made;
}
