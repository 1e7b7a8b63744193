import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { fileURLToPath } from 'node:url';
import * as oauth from 'oauth4webapi';
import * as openid from 'openid-client';
import { GRANT_TYPES, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { basic, RawClient } from './support/raw-client.ts';

let federation: FederationUnderTest;
let client: RawClient;
beforeAll(async () => {
  federation = await startForTest();
  client = new RawClient(federation);
});
afterAll(() => federation.stop());

/** How these clients reach our servers, which speak plain http in process. */
const through = (url: string, options: object) => federation.fetch(url, options);
const reach = { execute: [openid.allowInsecureRequests], [openid.customFetch]: through };
const oauthReach = { [oauth.allowInsecureRequests]: true, [oauth.customFetch]: through };

describe('Clients that no one here wrote', () => {
  it('walk the flow with openid-client, written against our metadata, with DPoP', async () => {
    const { manifest } = federation;
    const { clientId, clientSecret } = manifest.clients.confidential;
    const discover = (issuer: string, algorithm: 'oidc' | 'oauth2') =>
      openid.discovery(new URL(issuer), clientId, undefined, openid.ClientSecretBasic(clientSecret), { algorithm, ...reach });
    const asRqp = await discover(manifest.domains.globex.asRqp.issuer, 'oauth2');
    const asRo = await discover(manifest.domains.acme.asRo.issuer, 'oauth2');
    const challenge = await client.challenge();
    const DPoP = openid.getDPoPHandle(asRqp, await openid.randomDPoPKeyPair('ES256'));
    const exchanged = await openid.genericGrantRequest(
      asRqp,
      GRANT_TYPES.tokenExchange,
      {
        requested_token_type: TOKEN_TYPE_URNS.jwt,
        subject_token: (await client.signIn()).accessToken,
        subject_token_type: TOKEN_TYPE_URNS.accessToken,
        actor_token: challenge.resourceClaimsToken,
        actor_token_type: TOKEN_TYPE_URNS.jwt,
      },
      { DPoP },
    );
    expect(exchanged.token_type).toBe('n_a');
    const granted = await openid.genericGrantRequest(
      asRo,
      GRANT_TYPES.umaTicket,
      { ticket: challenge.ticket, claim_token: exchanged.access_token, claim_token_format: TOKEN_TYPE_URNS.jwt },
      { DPoP },
    );
    expect(granted.token_type).toBe('dpop');
    const answer = await openid.fetchProtectedResource(asRo, granted.access_token, new URL(client.note()), 'GET', undefined, undefined, { DPoP });
    expect(await answer.json()).toMatchObject({ id: '1', owner: 'alice' });
  });

  it('walk it as a public client, whose key is all that binds the messages [D3]', async () => {
    const { manifest } = federation;
    const { clientId } = manifest.clients.public;
    const { globex, acme } = manifest.domains;
    const discover = (issuer: string) =>
      openid.discovery(new URL(issuer), clientId, undefined, openid.None(), { algorithm: 'oauth2', ...reach });
    const [asRqp, asRo] = await Promise.all([discover(globex.asRqp.issuer), discover(acme.asRo.issuer)]);
    const bob = globex.people.find(({ email }) => email === 'bob@globex.example');
    const signedIn = await federation.fetch(`${globex.identityProvider.issuer}/token`, {
      method: 'POST',
      body: new URLSearchParams({ grant_type: 'password', client_id: clientId, username: 'bob@globex.example', password: bob?.password ?? '', scope: 'openid email' }),
    });
    const { access_token: subjectToken } = (await signedIn.json()) as { access_token: string };
    const redeem = async (handles: readonly [exchange: openid.DPoPHandle | undefined, redeem: openid.DPoPHandle | undefined]) => {
      const challenge = await client.challenge();
      const exchange = { subject_token: subjectToken, subject_token_type: TOKEN_TYPE_URNS.accessToken, actor_token: challenge.resourceClaimsToken, actor_token_type: TOKEN_TYPE_URNS.jwt };
      const exchanged = await openid.genericGrantRequest(asRqp, GRANT_TYPES.tokenExchange, exchange, handles[0] && { DPoP: handles[0] });
      const grant = { ticket: challenge.ticket, claim_token: exchanged.access_token, claim_token_format: TOKEN_TYPE_URNS.jwt };
      return openid.genericGrantRequest(asRo, GRANT_TYPES.umaTicket, grant, handles[1] && { DPoP: handles[1] });
    };
    const [own, other] = [openid.getDPoPHandle(asRqp, await openid.randomDPoPKeyPair('ES256')), openid.getDPoPHandle(asRqp, await openid.randomDPoPKeyPair('ES256'))];
    expect((await redeem([own, own])).token_type).toBe('dpop');
    for (const handles of [[own, other], [own, undefined], [undefined, own], [undefined, undefined]] as const) {
      await expect(redeem(handles)).rejects.toMatchObject({ error: 'request_denied', status: 403 });
    }
  });

  it.each([
    ['an ID token', {}, 'id_token', TOKEN_TYPE_URNS.idToken],
    ['an opaque access token', { resource: 'urn:uma-federation:opaque' }, 'access_token', TOKEN_TYPE_URNS.accessToken],
  ])('exchange %s of the identity provider', async (_what, parameters, member, type) => {
    const { globex } = federation.manifest.domains;
    const bob = globex.people.find(({ email }) => email === 'bob@globex.example');
    const form = { grant_type: 'password', username: 'bob@globex.example', password: bob?.password ?? '', scope: 'openid email', ...parameters };
    const signedIn = await client.post(`${globex.identityProvider.issuer}/token`, form);
    const challenge = await client.challenge();
    const exchanged = await client.exchange(String(signedIn.body[member]), challenge.resourceClaimsToken, { subject_token_type: type });
    expect(exchanged.status).toBe(200);
    expect((await client.redeem(challenge.ticket, String(exchanged.body['access_token']))).status).toBe(200);
  });

  it('get a PAT of an owner who signed in at a resource server, and refresh it, with openid-client [F3, F5]', async () => {
    const { asRo, identityProvider, people, resourceServer } = federation.manifest.domains.acme;
    const { clientId, clientSecret } = resourceServer;
    const alice = people.find(({ email }) => email === 'alice@acme.example');
    const signIn = { grant_type: 'password', username: 'alice@acme.example', password: alice?.password ?? '', scope: 'openid email' };
    const signedIn = await client.post(`${identityProvider.issuer}/token`, signIn, basic(clientId, clientSecret));
    const server = await openid.discovery(new URL(asRo.issuer), clientId, undefined, openid.ClientSecretBasic(clientSecret), { algorithm: 'oauth2', ...reach });
    const DPoP = openid.getDPoPHandle(server, await openid.randomDPoPKeyPair('ES256'));
    const subject = { subject_token: String(signedIn.body['id_token']), subject_token_type: TOKEN_TYPE_URNS.idToken, scope: 'uma_protection' };
    const pat = await openid.genericGrantRequest(server, GRANT_TYPES.tokenExchange, subject, { DPoP });
    expect(pat).toMatchObject({ token_type: 'dpop', scope: 'uma_protection', issued_token_type: TOKEN_TYPE_URNS.accessToken });
    const next = await openid.refreshTokenGrant(server, pat.refresh_token ?? '', undefined, { DPoP });
    const list = async (token: string) => openid.fetchProtectedResource(server, token, new URL(`${asRo.issuer}/resource`), 'GET', undefined, undefined, { DPoP });
    const ids = (await (await list(next.access_token)).json()) as string[];
    expect(ids.length).toBeGreaterThan(0);
    expect(ids).toEqual(await (await list(pat.access_token)).json());
    for (const id of ids) expect((await client.json('GET', `${asRo.issuer}/resource/${id}`, undefined, await client.pat())).body['owner']).toBe('alice@acme.example');
    await expect(openid.refreshTokenGrant(server, pat.refresh_token ?? '', undefined, { DPoP })).rejects.toMatchObject({ error: 'invalid_grant' });
  });

  it('get an access token for a ticket by token exchange alone, with oauth4webapi (the OAuth profile)', async () => {
    const { asRo } = federation.manifest.domains.acme;
    const { clientId, clientSecret } = federation.manifest.clients.confidential;
    const issuer = new URL(asRo.issuer);
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...oauthReach }));
    const { challenge, ict } = await client.prepared();
    const tokens = { subject_token: challenge.ticket, subject_token_type: TOKEN_TYPE_URNS.jwt, actor_token: ict, actor_token_type: TOKEN_TYPE_URNS.jwt };
    const response = await oauth.genericTokenEndpointRequest(server, { client_id: clientId }, oauth.ClientSecretBasic(clientSecret), GRANT_TYPES.tokenExchange, tokens, oauthReach);
    const granted = await oauth.processGenericTokenEndpointResponse(server, { client_id: clientId }, response);
    expect(granted).toMatchObject({ token_type: 'bearer', issued_token_type: TOKEN_TYPE_URNS.accessToken, scope: 'view' });
    expect((await client.get(client.note(), `Bearer ${granted.access_token}`)).status).toBe(200);
  });

  it('discover the gateway with oauth4webapi through RFC 9728, and its AS through RFC 8414', async () => {
    const { acme } = federation.manifest.domains;
    const resource = new URL(acme.gateway.url);
    const metadata = await oauth.processResourceDiscoveryResponse(resource, await oauth.resourceDiscoveryRequest(resource, oauthReach));
    expect(metadata.authorization_servers).toEqual([acme.asRo.issuer]);
    const issuer = new URL(metadata.authorization_servers?.[0] ?? '');
    const server = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer, { algorithm: 'oauth2', ...oauthReach }));
    expect(server.grant_types_supported).toContain(GRANT_TYPES.umaTicket);
  });

  it('verify our RPT with oauth4webapi as an RFC 9068 access token for the gateway', async () => {
    const { acme } = federation.manifest.domains;
    const rpt = await client.rpt();
    const request = new Request(client.note(), { headers: { authorization: `Bearer ${rpt}` } });
    const server = { issuer: acme.asRo.issuer, jwks_uri: `${acme.asRo.issuer}/jwks` };
    const claims = await oauth.validateJwtAccessToken(server, request, acme.gateway.url, oauthReach);
    expect(claims.sub).toBe('bob@globex.example');
  });

  it('run the ten steps with nothing but curl', async () => {
    const script = fileURLToPath(new URL('../../../docs/flows/ten-steps.sh', import.meta.url));
    const { stdout } = await federation.withCurl('bash', script, federation.manifestFile);
    expect(stdout).toContain('HTTP 200');
    expect(stdout).toContain('"owner":"alice"');
  });

  it('run it with the command line of this project', async () => {
    const { stdout, stderr } = await federation.uma('get', '--as', 'bob@globex.example', '--trace', client.note());
    expect(JSON.parse(stdout)).toMatchObject({ id: '1', owner: 'alice' });
    for (const word of ['Bearer', 'DPoP', 'subject_token', 'actor_token', 'claim_token']) expect(stderr).toContain(word);
    // A token of three parts is never shown whole.
    expect(stderr).not.toMatch(/eyJ[\w-]{20,}\.eyJ[\w-]{20,}\.[\w-]{20,}/);
    await expect(federation.uma('get', '--as', 'dave@globex.example', client.note())).rejects.toMatchObject({ code: 3 });
  });
});
