import { GRANT_TYPES } from '@uma-federation/uma-core';

/** A client of the AS-RO under test. */
export interface TestClient {
  readonly id: string;
  readonly secret: string | undefined;
  /** As the configuration names it. */
  readonly configuration: Readonly<Record<string, unknown>>;
}

function client(id: string, settings: Readonly<Record<string, unknown>>, isPublic = false): TestClient {
  // A secret that needs form encoding before Basic (RFC 6749 2.3.1).
  const secret = isPublic ? undefined : `secret of ${id}: ${'é+%&='.repeat(6)}`;
  return { id, secret, configuration: { clientId: id, ...(secret === undefined ? { public: true } : { clientSecret: secret }), ...settings } };
}

const PROTECTION = { grantTypes: [GRANT_TYPES.clientCredentials], scopes: ['uma_protection'] };
const TICKET = { grantTypes: [GRANT_TYPES.umaTicket] };

/** The gateway of acme. */
export const RS = client('rs-acme', {
  clientName: 'RS API',
  ...PROTECTION,
  resourceServer: { identifier: 'https://rs.acme.example', baseUris: ['https://rs.acme.example', 'https://files.acme.example/albums'], defaultOwner: 'office@acme.example' },
});
/** Another resource server of acme, without an owner of its own. */
export const OTHER_RS = client('rs-other', { ...PROTECTION, resourceServer: { identifier: 'https://rs2.acme.example/api', baseUris: ['https://rs2.acme.example/api'] } });
/** A resource server that may not have `uma_protection`. */
export const UNPRIVILEGED_RS = client('rs-unprivileged', {
  grantTypes: [GRANT_TYPES.clientCredentials],
  scopes: ['statistics'],
  resourceServer: { identifier: 'https://rs3.acme.example', baseUris: ['https://rs3.acme.example'] },
});
/** Has the scope but is no resource server. */
export const NO_RS = client('reporting', PROTECTION);
/** A confidential client; also known at globex under the same id. Pre-registered for `download`. */
export const APP = client('https://app.example/client', { ...TICKET, scopes: ['download'] });
export const OTHER_APP = client('other-app', { ...TICKET, scopes: ['download'] });
export const PUBLIC_APP = client('public-app', { ...TICKET, scopes: ['download'] }, true);
/** Must always say which RS it calls. */
export const CAREFUL_APP = client('careful-app', { ...TICKET, requireResource: true });
/** Confidential clients that are marked for an older dialect: that of seed 002, and those of seeds 001 and 004. */
export const CHALLENGE_APP = client('challenge-app', { ...TICKET, scopes: ['download'], dialects: ['ticket-challenge'] });
export const UMA1_APP = client('uma1-app', { ...TICKET, dialects: ['uma-1'] });
/** Registered, but for no grant at all. */
export const IDLE_APP = client('idle-app', {});

export const CLIENTS: readonly TestClient[] = [RS, OTHER_RS, UNPRIVILEGED_RS, NO_RS, APP, OTHER_APP, PUBLIC_APP, CAREFUL_APP, CHALLENGE_APP, UMA1_APP, IDLE_APP];
