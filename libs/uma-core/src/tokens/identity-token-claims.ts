import { z } from 'zod';
import type { JsonObject } from '../model/json.ts';
import { authenticationClaims, confirmation, identifier, issuerText, numericDate, singleAudience } from './claim-schemas.ts';

/**
 * The claims of an identity claims token that the profile knows (protocol.md 1.7). Tokens come from other people's
 * implementations: further claims are legal. `act` is checked by `requireActor`.
 */
export const identityTokenClaims = z.object({
  iss: issuerText,
  aud: singleAudience,
  sub: z.string().min(1).max(320),
  iat: numericDate,
  nbf: numericDate,
  exp: numericDate,
  jti: identifier,
  // Decision D3: "An ICT always carries client_id".
  client_id: identifier,
  email: z.string().max(320).optional(),
  email_verified: z.boolean().optional(),
  ...authenticationClaims,
  cnf: confirmation.optional(),
});

const OWN_CLAIMS: ReadonlySet<string> = new Set([...Object.keys(identityTokenClaims.shape), 'act', 'ticket_challenge', 'resource']);

/** The claims that have no meaning in the profile, in a namespace of their own (A25). */
export function remainingClaims(claims: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(claims).filter(([name]) => !OWN_CLAIMS.has(name)));
}
