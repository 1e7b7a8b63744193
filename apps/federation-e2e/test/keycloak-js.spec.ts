import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Keycloak from 'keycloak-js';
import KeycloakAuthorization, { type KeycloakAuthorizationPromise } from 'keycloak-js/authz';
import { GRANT_TYPES } from '@uma-federation/uma-core';
import { browserEnvironment } from './support/browser-environment.ts';
import { inProcessFederation, type InProcessFederation } from './support/in-process-federation.ts';
import { basic, RawClient } from './support/raw-client.ts';

const CAROL = 'carol@acme.example';
const RESOURCE_SERVER = 'notes-gateway';
const PAGE = 'https://app.acme.example/';

let federation: InProcessFederation;
let client: RawClient;
let browser: ReturnType<typeof browserEnvironment>;
beforeAll(async () => {
  federation = await inProcessFederation({ keycloakAlias: true });
  client = new RawClient(federation);
  await client.share({ email: CAROL });
  browser = browserEnvironment(PAGE);
});
beforeEach(() => {
  browser.sent.length = 0;
});
afterAll(async () => {
  browser.restore();
  await federation.stop();
});

/** An access token of Carol's for the application, which is a public client; sign-in itself is the provider's. */
async function signIn(email = CAROL): Promise<string> {
  const { people, identityProvider } = federation.manifest.domains.acme;
  const password = people.find((person) => person.email === email)?.password ?? '';
  const form = { grant_type: 'password', client_id: federation.manifest.clients.public.clientId, username: email, password, scope: 'openid email' };
  const response = await fetch(`${identityProvider.issuer}/token`, { method: 'POST', body: new URLSearchParams(form) });
  return ((await response.json()) as { access_token: string }).access_token;
}

/** keycloak-js in the page, told of the session that the person has. */
async function keycloakOf(token: string, realm = 'acme'): Promise<Keycloak> {
  const { asRo } = federation.manifest.domains.acme;
  const keycloak = new Keycloak({ url: asRo.issuer, realm, clientId: federation.manifest.clients.public.clientId });
  await keycloak.init({ checkLoginIframe: false });
  keycloak.token = token;
  return keycloak;
}

/** What keycloak-js tells the application. */
type Told = { readonly granted: string } | 'denied' | 'error';
const told = (answer: KeycloakAuthorizationPromise): Promise<Told> =>
  new Promise((resolve) => {
    answer.then(
      (granted) => resolve({ granted }),
      () => resolve('denied'),
      () => resolve('error'),
    );
  });
const rptOf = (answer: Told): string => {
  if (typeof answer === 'string') throw new Error(`keycloak-js says ${answer}`);
  return answer.granted;
};
const permissionsOf = (rpt: string) =>
  (JSON.parse(Buffer.from(rpt.split('.')[1] ?? '', 'base64url').toString()) as { authorization: { permissions: unknown[] } }).authorization.permissions;

const SECRET_NOTE = '/users/alice/notes/2';
const gateway = (path: string) => `${federation.manifest.domains.acme.gateway.url}${path}`;

describe('keycloak-js 26, as it is', () => {
  it('gets an RPT for the ticket in the gateway’s challenge, and with it the note', async () => {
    const authorization = new KeycloakAuthorization(await keycloakOf(await signIn()));
    const { ticket } = await client.challenge();
    const rpt = rptOf(await told(authorization.authorize({ ticket })));
    const { status, body } = await client.get(client.note(), `Bearer ${rpt}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { id: '1', owner: 'alice' } });
    expect(permissionsOf(rpt)).toEqual([{ rsid: await client.resourceId(), rsname: expect.any(String), scopes: ['view'] }]);
    expect(browser.sent[0]?.url).toBe(`${federation.manifest.domains.acme.asRo.issuer}/realms/acme/protocol/openid-connect/token`);
  });

  it('hears a refusal as a refusal, and a used ticket as an error', async () => {
    const authorization = new KeycloakAuthorization(await keycloakOf(await signIn()));
    const secret = await client.challenge(gateway(SECRET_NOTE));
    expect(await told(authorization.authorize({ ticket: secret.ticket }))).toBe('denied');
    const { ticket } = await client.challenge();
    rptOf(await told(authorization.authorize({ ticket })));
    expect(await told(authorization.authorize({ ticket }))).toBe('error');
  });

  it('adds a permission to the RPT that it has [G29]', async () => {
    const authorization = new KeycloakAuthorization(await keycloakOf(await signIn()));
    const share = await client.share({ email: CAROL }, gateway(SECRET_NOTE));
    rptOf(await told(authorization.authorize({ ticket: (await client.challenge()).ticket })));
    const rpt = rptOf(await told(authorization.authorize({ ticket: (await client.challenge(gateway(SECRET_NOTE))).ticket })));
    expect(browser.sent[1]?.body).toContain('&rpt=');
    for (const path of ['/users/alice/notes/1', SECRET_NOTE]) expect((await client.get(gateway(path), `Bearer ${rpt}`)).status).toBe(200);
    await share.end();
  });

  it('gets an RPT without a ticket, by the id, the name or everything of the resource server', async () => {
    const id = await client.resourceId();
    const token = await signIn();
    const asked = async (permissions?: { id: string; scopes: string[] }[]) => {
      const authorization = new KeycloakAuthorization(await keycloakOf(token));
      return rptOf(await told(authorization.entitlement(RESOURCE_SERVER, permissions === undefined ? undefined : { permissions })));
    };
    const [byId] = permissionsOf(await asked([{ id, scopes: ['view'] }])) as { rsname: string }[];
    expect(byId).toMatchObject({ rsid: id, scopes: ['view'] });
    for (const rpt of [await asked([{ id: byId?.rsname ?? '', scopes: ['view'] }]), await asked()]) {
      expect(permissionsOf(rpt)).toEqual([byId]);
      expect((await client.get(client.note(), `Bearer ${rpt}`)).status).toBe(200);
    }
    expect(browser.sent.at(0)?.body).toContain(`&permission=${id}#view`);
  });

  it('gets nothing that the owner has not shared, nor another realm', async () => {
    const token = await signIn();
    const authorization = new KeycloakAuthorization(await keycloakOf(token));
    const id = await client.resourceId(gateway(SECRET_NOTE));
    expect(await told(authorization.entitlement(RESOURCE_SERVER, { permissions: [{ id, scopes: ['view'] }] }))).toBe('denied');
    expect(await told(authorization.entitlement(RESOURCE_SERVER, { permissions: [{ id: 'resource-type:note', scopes: ['view'] }] }))).toBe('error');
    const elsewhere = new KeycloakAuthorization(await keycloakOf(token, 'globex'));
    expect(await told(elsewhere.entitlement(RESOURCE_SERVER))).toBe('error');
  });

  it('A5 gets nothing for the token of another client: it is the application’s own, or none', async () => {
    const { accessToken } = await client.signIn(CAROL);
    const authorization = new KeycloakAuthorization(await keycloakOf(accessToken));
    const { ticket } = await client.challenge();
    expect(await told(authorization.authorize({ ticket }))).toBe('error');
    expect(await told(new KeycloakAuthorization(await keycloakOf(await signIn())).authorize({ ticket }))).toHaveProperty('granted');
  });
});

describe('A resource server that speaks Keycloak’s dialect', () => {
  it('gets a PAT, finds its resource by URI, asks for a ticket and introspects the RPT that the application got for it', async () => {
    const { asRo, resourceServer } = federation.manifest.domains.acme;
    const uma = (await (await fetch(`${asRo.issuer}/realms/acme/.well-known/uma2-configuration`)).json()) as Record<string, string>;
    const credentials = basic(resourceServer.clientId, resourceServer.clientSecret);
    const pat = String((await client.post(String(uma['token_endpoint']), { grant_type: GRANT_TYPES.clientCredentials }, credentials)).body['access_token']);
    const found = await client.get(`${uma['resource_registration_endpoint']}?matchingUri=true&deep=true&uri=${encodeURIComponent('/users/alice/notes/1')}`, `Bearer ${pat}`);
    const [resource] = found.body as unknown as { _id: string; uris: string[] }[];
    expect(resource).toMatchObject({ _id: await client.resourceId(), uris: [client.note()] });
    const asked = await client.json('POST', String(uma['permission_endpoint']), [{ resource_id: resource?._id, resource_scopes: ['view'] }], pat);
    const authorization = new KeycloakAuthorization(await keycloakOf(await signIn()));
    const rpt = rptOf(await told(authorization.authorize({ ticket: String(asked.body['ticket']) })));
    const introspected = await client.post(String(uma['token_introspection_endpoint']), { token: rpt, token_type_hint: 'requesting_party_token' }, credentials);
    expect(introspected.body).toMatchObject({ active: true, sub: CAROL, authorization: { permissions: permissionsOf(rpt) } });
  });
});
