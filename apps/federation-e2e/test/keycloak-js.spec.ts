import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import Keycloak from 'keycloak-js';
import KeycloakAuthorization, { type KeycloakAuthorizationPromise } from 'keycloak-js/authz';
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { GRANT_TYPES } from '@uma-federation/uma-core';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { namesOf } from './flows/names-of.ts';
import { flowPage } from './flows/page.ts';
import { Recorder } from './flows/recorder.ts';
import { browserEnvironment } from './support/browser-environment.ts';
import { basic, RawClient, type MadeShare } from './support/raw-client.ts';
import { systemTestEnvironment } from './support/test-way.ts';

const CAROL = 'carol@acme.example';
const RESOURCE_SERVER = 'notes-gateway';
const PAGE = 'https://app.acme.example/';

let federation: FederationUnderTest;
let client: RawClient;
let share: MadeShare;
let browser: ReturnType<typeof browserEnvironment>;
const outside = globalThis.fetch;
beforeAll(async () => {
  federation = await startForTest({ keycloakAlias: true });
  client = new RawClient(federation);
  share = await client.share({ email: CAROL });
  browser = browserEnvironment(PAGE);
  // keycloak-js knows no other fetch.
  globalThis.fetch = federation.fetch;
});
beforeEach(() => {
  browser.sent.length = 0;
});
afterAll(async () => {
  globalThis.fetch = outside;
  browser.restore();
  await share.end();
  await federation.stop();
});

/** An access token of Carol's for the application, which is a public client; sign-in itself is the provider's. */
async function signIn(email = CAROL): Promise<string> {
  const { people, identityProvider } = federation.manifest.domains.acme;
  const password = people.find((person) => person.email === email)?.password ?? '';
  const form = { grant_type: 'password', client_id: federation.manifest.clients.public.clientId, username: email, password, scope: 'openid email' };
  const response = await federation.fetch(`${identityProvider.issuer}/token`, { method: 'POST', body: new URLSearchParams(form) });
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
    const uma = (await (await federation.fetch(`${asRo.issuer}/realms/acme/.well-known/uma2-configuration`)).json()) as Record<string, string>;
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

describe('The page of the flow', () => {
  const PAGE_FILE = fileURLToPath(new URL('../../../docs/protocol/flows/keycloak-js.md', import.meta.url));

  it('shows what keycloak-js and a resource server put on the wire', async () => {
    const { manifest } = federation;
    const { asRo, resourceServer } = manifest.domains.acme;
    const recorder = new Recorder(federation.fetch);
    const recorded = new RawClient({ manifest, fetch: recorder.fetch });
    const token = await signIn();
    const authorization = new KeycloakAuthorization(await keycloakOf(token));
    const credentials = basic(resourceServer.clientId, resourceServer.clientSecret);
    globalThis.fetch = recorder.fetch;
    try {
      const root = `${asRo.issuer}/realms/acme`;
      recorder.say('A resource server that speaks Keycloak’s dialect gets a PAT:');
      const pat = await recorded.post(`${root}/protocol/openid-connect/token`, { grant_type: GRANT_TYPES.clientCredentials }, credentials);
      recorder.say('It looks for the resource that a path belongs to, and asks for a ticket:');
      const found = await recorded.get(`${root}/authz/protection/resource_set?matchingUri=true&deep=true&uri=/users/alice/notes/1`, `Bearer ${String(pat.body['access_token'])}`);
      const [resource] = found.body as unknown as { _id: string }[];
      const asked = await recorded.json('POST', `${root}/authz/protection/permission`, [{ resource_id: resource?._id, resource_scopes: ['view'] }], String(pat.body['access_token']));
      recorder.say('keycloak-js finds the endpoints, and redeems the ticket with the access token of Carol, whom Alice shares the note with. It is a token of acme’s OpenID Provider, issued to this client:');
      const rpt = rptOf(await told(authorization.authorize({ ticket: String(asked.body['ticket']) })));
      recorder.say('The RPT opens the note at the gateway, which reads `permissions`; enforcers of Keycloak’s kind read `authorization`:');
      await recorded.get(recorded.note(), `Bearer ${rpt}`);
      recorder.say('Or they ask, as the client that they are:');
      await recorded.post(`${root}/protocol/openid-connect/token/introspect`, { token: rpt, token_type_hint: 'requesting_party_token' }, credentials);
      recorder.say('Without a ticket; the previous RPT is carried on:');
      await told(authorization.entitlement(RESOURCE_SERVER, { permissions: [{ id: resource?._id ?? '', scopes: ['view'] }] }));
      recorder.say('What Alice has not shared:');
      await told(authorization.entitlement(RESOURCE_SERVER, { permissions: [{ id: resource?._id ?? '', scopes: ['edit'] }] }));
    } finally {
      globalThis.fetch = federation.fetch;
    }
    const page = flowPage('Keycloak’s dialect: keycloak-js and a resource server', recorder.items, namesOf(federation), 'keycloak-js.spec.ts');
    if (systemTestEnvironment().updatePages) await writeFile(PAGE_FILE, page);
    expect(page).toBe(await readFile(PAGE_FILE, 'utf8'));
  });
});
