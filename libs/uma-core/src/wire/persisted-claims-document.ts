import type { JsonObject } from '../model/json.ts';
import type { PersistedClaims } from '../ports/persisted-claims-store.ts';
import { dateTime } from './owner-api-time.ts';

/** What is remembered of a person, as they see it themselves; never the token. Times as RFC 3339 date-times in UTC. */
export function persistedClaimsDocument({ id, clientId, identity, createdAt, expiresAt }: PersistedClaims): JsonObject {
  const { issuer, email, acr, amr, authTime, claims } = identity;
  return {
    id,
    client_id: clientId,
    issuer,
    claims: {
      ...claims,
      email,
      ...(acr === undefined ? {} : { acr }),
      ...(amr === undefined ? {} : { amr: [...amr] }),
      ...(authTime === undefined ? {} : { auth_time: authTime }),
    },
    created_at: dateTime(createdAt),
    expires_at: dateTime(expiresAt),
  };
}
