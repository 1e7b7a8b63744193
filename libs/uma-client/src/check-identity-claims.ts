import { TOKEN_TYPES } from '@uma-federation/uma-core';
import { UmaError } from './uma-error.ts';
import { readUnverifiedClaims } from './unverified-claims.ts';

/**
 * Client duty (iii), protocol.md 1.9: ICT.aud == as_uri before posting it there. A token is of one dialect: it carries the ticket
 * challenge that this client sent, or none (protocol.md C5, A14).
 * Does not check: the signature or any other claim; AS-RO does.
 * @param ticketChallenge what was sent in the dialect of seed 002; undefined in seed 003
 * @throws UmaError `unexpected_token` when it is not an identity claims token of the dialect, `audience_mismatch` when it is for somebody else
 */
export function checkIdentityClaims(token: string, asUri: string, ticketChallenge?: string): void {
  const { aud, act, ticket_challenge: answered } = readUnverifiedClaims(token, TOKEN_TYPES.identityClaims, 'unexpected_token');
  const audience: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud;
  if (audience !== asUri) throw new UmaError('audience_mismatch', { step: 6 });
  if (answered !== ticketChallenge || (ticketChallenge !== undefined && act !== undefined)) throw new UmaError('unexpected_token', { step: 6 });
}
