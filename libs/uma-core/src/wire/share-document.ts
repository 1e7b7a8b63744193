import { z } from 'zod';
import { invalidRequest } from '../errors/refusals.ts';
import { parseDomain, parseEmailAddress } from '../model/email-address.ts';
import type { ResourceId } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Grantee, Share, ShareConditions } from '../model/share.ts';
import { dateTime, seconds, time } from './owner-api-time.ts';
import { scopeToken } from './scope-token.ts';

const document = z.strictObject({
  resource_id: z.string().min(1).max(256),
  scopes: z.array(scopeToken).min(1).max(64),
  grantee: z.union([
    z.strictObject({ email: z.string().max(320) }),
    z.strictObject({ domain: z.string().max(253) }),
    z.strictObject({ anyone: z.literal(true), unidentified: z.literal(true).optional() }),
  ]),
  not_before: time.optional(),
  expires_at: time.optional(),
  conditions: z
    .strictObject({
      acr_values: z.array(z.string().min(1).max(256)).min(1).max(16).optional(),
      max_age: z.number().int().min(0).max(31_536_000).optional(),
      claims: z.record(z.string().min(1).max(128), z.json()).optional(),
      ask: z.literal(true).optional(),
    })
    .optional(),
});

/** What an owner asks for when creating a share. Times are NumericDates. */
export interface ShareDraft {
  readonly resourceId: ResourceId;
  readonly scopes: readonly string[];
  readonly grantee: Grantee;
  readonly notBefore?: number | undefined;
  readonly expiresAt?: number | undefined;
  readonly conditions: ShareConditions;
}

/**
 * Reads the document of a new share from the owner API. Times are RFC 3339 date-times or NumericDates. Unknown members are refused:
 * a condition that the server does not understand must not be dropped.
 * @param json the parsed JSON body
 * @param now NumericDate; a share that has ended already is refused
 * @throws ProtocolError `invalid_request`
 */
export function readShareDraft(json: unknown, now: number): ShareDraft {
  const parsed = document.safeParse(json);
  if (!parsed.success) throw invalidRequest('share_malformed', String(parsed.error.issues[0]?.path[0] ?? ''));
  const { resource_id, scopes, grantee, not_before, expires_at, conditions } = parsed.data;
  const notBefore = seconds(not_before);
  const expiresAt = seconds(expires_at);
  const grantedTo = readGrantee(grantee);
  // Nobody can be asked about, or be asked for claims of, a person who does not say who they are.
  if (grantedTo.kind === 'unidentified' && conditions !== undefined && Object.keys(conditions).length > 0) throw invalidRequest('conditions_without_identity');
  if (expiresAt !== undefined && expiresAt <= Math.max(now, notBefore ?? 0)) throw invalidRequest('share_ends_before_it_begins');
  return {
    resourceId: resource_id as ResourceId,
    scopes: [...new Set(scopes)],
    grantee: grantedTo,
    notBefore,
    expiresAt,
    conditions: {
      ...(conditions?.acr_values === undefined ? {} : { acrValues: conditions.acr_values }),
      ...(conditions?.max_age === undefined ? {} : { maxAgeSeconds: conditions.max_age }),
      ...(conditions?.claims === undefined ? {} : { claims: conditions.claims }),
      ...(conditions?.ask === undefined ? {} : { ask: conditions.ask }),
    },
  };
}

/** The document of a share as the owner API shows it; times as RFC 3339 date-times in UTC. */
export function shareDocument(share: Share): JsonObject {
  const { conditions } = share;
  return {
    id: share.id,
    resource_id: share.resourceId,
    scopes: share.scopes,
    grantee: granteeDocument(share.grantee),
    ...(share.notBefore === undefined ? {} : { not_before: dateTime(share.notBefore) }),
    ...(share.expiresAt === undefined ? {} : { expires_at: dateTime(share.expiresAt) }),
    conditions: {
      ...(conditions.acrValues === undefined ? {} : { acr_values: conditions.acrValues }),
      ...(conditions.maxAgeSeconds === undefined ? {} : { max_age: conditions.maxAgeSeconds }),
      ...(conditions.claims === undefined ? {} : { claims: conditions.claims }),
      ...(conditions.ask === undefined ? {} : { ask: conditions.ask }),
    },
    created_at: dateTime(share.createdAt),
  };
}

function readGrantee(grantee: z.infer<typeof document>['grantee']): Grantee {
  if ('anyone' in grantee) return { kind: grantee.unidentified === true ? 'unidentified' : 'anyone' };
  if ('domain' in grantee) {
    const domain = parseDomain(grantee.domain);
    if (domain === undefined) throw invalidRequest('grantee_domain_malformed');
    return { kind: 'domain', domain };
  }
  const email = parseEmailAddress(grantee.email);
  if (email === undefined) throw invalidRequest('grantee_email_malformed');
  return { kind: 'person', email: email.address };
}

function granteeDocument(grantee: Grantee): JsonObject {
  switch (grantee.kind) {
    case 'person':
      return { email: grantee.email };
    case 'domain':
      return { domain: grantee.domain };
    case 'anyone':
      return { anyone: true };
    case 'unidentified':
      return { anyone: true, unidentified: true };
  }
}
