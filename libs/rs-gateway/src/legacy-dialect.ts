import { serialiseChallenge } from '@uma-federation/uma-core';
import { UNCACHED, type Answer } from './answer.ts';

/** The drafts of UMA 1.0 that a route may speak instead of UMA 2.0 (protocol.md 1.2 and 4; Decision D9). */
export const LEGACY_DIALECTS = ['draft-05', 'draft-07', '1.0.1'] as const;

export type LegacyDialect = (typeof LEGACY_DIALECTS)[number];

/** What every requesting party token of AS-RO's UMA 1.0 facade begins with. */
export const LEGACY_TOKEN_PREFIX = 'uma1_';

/** What the older challenges say of the gateway. */
export interface LegacyChallengeSettings {
  readonly realm: string;
  /** Issuer of AS-RO, in draft 05 called `am_uri`. */
  readonly asUri: string;
  /** Draft 05: identifies the gateway as a host, by its name. */
  readonly hostId: string;
}

/** Why a request is not let through: nobody knows its token, or its token has not got the permission. */
export type LegacyRefusal = 'no_valid_token' | 'insufficient';

/**
 * Whether an answer needs a ticket. A draft's client gets its token first and a ticket only with a token that is not enough (L1, L2, L3); a
 * client of 1.0.1 can ask for nothing without a ticket, so it gets one each time.
 */
export function needsTicket(dialect: LegacyDialect, refusal: LegacyRefusal): boolean {
  return dialect === '1.0.1' || refusal === 'insufficient';
}

/**
 * The older challenge (protocol.md 4.2): 401 with a pointer to AS-RO (L1, L2), or 403 with the ticket as JSON (L3). In 1.0.1 the header has the
 * ticket too. What a UMA 2.0 client would need is left out, so that nobody takes one dialect for the other.
 * @param ticket present exactly when `needsTicket` says so
 * @throws RangeError when the ticket has characters that a header cannot carry (A94)
 */
export function legacyChallenge(dialect: LegacyDialect, refusal: LegacyRefusal, ticket: string | undefined, settings: LegacyChallengeSettings): Answer {
  const { realm, asUri, hostId } = settings;
  const insufficient = refusal === 'insufficient';
  const challenge =
    dialect === 'draft-05'
      ? serialiseChallenge('UMA', { realm, host_id: hostId, am_uri: asUri })
      : serialiseChallenge('UMA', { realm, as_uri: asUri, error: insufficient ? 'insufficient_scope' : undefined, ticket: dialect === '1.0.1' ? ticket : undefined });
  const headers = { ...UNCACHED, 'WWW-Authenticate': challenge };
  if (insufficient && ticket !== undefined) return { status: 403, headers, body: { ticket } };
  return { status: 401, headers, body: { error: 'uma_authorization_required' } };
}
