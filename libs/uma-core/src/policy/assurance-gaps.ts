import type { Assurance } from '../model/assurance.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import { CLOCK_SKEW_SECONDS } from '../tokens/claim-rules.ts';
import type { NeededClaim } from './evaluate.ts';

/**
 * What a sign-in lacks of what is wanted (RFC 9470; protocol.md 7.2). Pure.
 * @param now NumericDate; a sign-in of unknown time is not fresh
 */
export function assuranceGaps({ acrValues, maxAgeSeconds }: Assurance, identity: Pick<IdentityClaims, 'acr' | 'authTime'>, now: number): readonly NeededClaim[] {
  const isWeak = acrValues !== undefined && (identity.acr === undefined || !acrValues.includes(identity.acr));
  const isOld = maxAgeSeconds !== undefined && (identity.authTime === undefined || identity.authTime < now - maxAgeSeconds - CLOCK_SKEW_SECONDS);
  return [...(isWeak ? [{ kind: 'acr', values: acrValues } as const] : []), ...(isOld ? [{ kind: 'auth_time', maxAgeSeconds } as const] : [])];
}
