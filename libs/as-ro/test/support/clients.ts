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
/** Gets PATs of the owners who sign in at it, and may refresh them. */
const OF_OWNERS = { grantTypes: [GRANT_TYPES.tokenExchange, GRANT_TYPES.refreshToken], scopes: ['uma_protection'] };
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
/** A third party's resource server, which acts for owners who sign in at it. */
export const PHOTOS_RS = client('rs-photos', {
  ...OF_OWNERS,
  clientName: 'Photos',
  resourceServer: { identifier: 'https://photos.example', baseUris: ['https://photos.example'] },
});
/** Another one; the OpenID Provider has another name for it. */
export const BOOKS_RS = client('https://books.example/rs', {
  ...OF_OWNERS,
  resourceServer: { identifier: 'https://books.example', baseUris: ['https://books.example'], defaultOwner: 'office@acme.example', providerClientId: 'books-at-id' },
});
/** A confidential client; also known at globex under the same id. Pre-registered for `download`. */
export const APP = client('https://app.example/client', { ...TICKET, scopes: ['download'] });
export const OTHER_APP = client('other-app', { ...TICKET, scopes: ['download'] });
export const PUBLIC_APP = client('public-app', { ...TICKET, scopes: ['download'] }, true);
/** Must always say which RS it calls. */
export const CAREFUL_APP = client('careful-app', { ...TICKET, requireResource: true });
/** Speaks the OAuth profile: tickets by token exchange. */
export const PROFILE_APP = client('profile-app', { grantTypes: [GRANT_TYPES.tokenExchange] });
/** Confidential clients that are marked for an older dialect: that of seed 002, and those of seeds 001 and 004. */
export const CHALLENGE_APP = client('challenge-app', { ...TICKET, scopes: ['download'], dialects: ['ticket-challenge'] });
export const UMA1_APP = client('uma1-app', { ...TICKET, dialects: ['uma-1'] });
/** Registered, but for no grant at all. */
export const IDLE_APP = client('idle-app', {});

/** Clients and a resource server that may speak UMA 1.0. */
export const OLD_APP = client('old-app', { ...TICKET, dialects: ['uma-1'] });
export const OTHER_OLD_APP = client('other-old-app', { ...TICKET, dialects: ['uma-1'] });
export const CAREFUL_OLD_APP = client('careful-old-app', { ...TICKET, requireResource: true, dialects: ['uma-1'] });
export const OLD_RS = client('rs-old', { ...PROTECTION, grantTypes: [GRANT_TYPES.clientCredentials, GRANT_TYPES.tokenExchange], dialects: ['uma-1'], resourceServer: { identifier: 'https://photoz.acme.example', baseUris: ['https://photoz.acme.example'], defaultOwner: 'office@acme.example' } });
export const OTHER_OLD_RS = client('rs-old-2', { ...PROTECTION, dialects: ['uma-1'], resourceServer: { identifier: 'https://docz.acme.example', baseUris: ['https://docz.acme.example'] } });

export const CLIENTS: readonly TestClient[] = [
  RS, OTHER_RS, UNPRIVILEGED_RS, NO_RS, PHOTOS_RS, BOOKS_RS, APP, OTHER_APP, PUBLIC_APP, CAREFUL_APP, CHALLENGE_APP, UMA1_APP, PROFILE_APP, IDLE_APP,
  OLD_APP, OTHER_OLD_APP, CAREFUL_OLD_APP, OLD_RS, OTHER_OLD_RS,
];
