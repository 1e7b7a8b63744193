import type { JsonObject } from '../model/json.ts';
import type { ResourceServerConsent } from '../ports/resource-server-consents.ts';
import { dateTime } from './owner-api-time.ts';

/**
 * A resource server that acts, or acted, for an owner, as the owner API shows it; times as RFC 3339 date-times in UTC.
 * @param name what the client is called, if it has a name
 */
export function resourceServerDocument({ resourceServer, since, lastUsedAt, endedAt }: ResourceServerConsent, name?: string): JsonObject {
  return {
    id: resourceServer,
    ...(name === undefined ? {} : { name }),
    allowed: endedAt === undefined,
    since: dateTime(since),
    ...(lastUsedAt === undefined ? {} : { last_used_at: dateTime(lastUsedAt) }),
    ...(endedAt === undefined ? {} : { ended_at: dateTime(endedAt) }),
  };
}
