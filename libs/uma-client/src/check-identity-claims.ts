import { TOKEN_TYPES } from '@uma-federation/uma-core';
import { UmaError } from './uma-error.ts';
import { readUnverifiedClaims } from './unverified-claims.ts';

/**
 * Client duty (iii), protocol.md 1.9: ICT.aud == as_uri before posting it there.
 * Does not check: the signature or any other claim; AS-RO does.
 * @throws UmaError `unexpected_token` when it is not an identity claims token, `audience_mismatch` when it is for somebody else
 */
export function checkIdentityClaims(token: string, asUri: string): void {
  const { aud } = readUnverifiedClaims(token, TOKEN_TYPES.identityClaims, 'unexpected_token');
  const audience: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (audience !== asUri) throw new UmaError('audience_mismatch', { step: 6 });
}
