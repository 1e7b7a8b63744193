import { GRANT_TYPES, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { basic } from '../support/raw-client.ts';
import type { Flow, FlowStage } from './flow.ts';

/** The flows of Federated Authorization, and the OAuth profile of the correlated one. */
export const FEDERATED_AUTHORIZATION_FLOWS: readonly Flow[] = [
  { file: 'protection-api', title: 'The protection API: resources, permissions, introspection', play: playProtectionApi },
  { file: 'protection-token-of-a-person', title: 'A PAT of a person: a resource server acts for an owner', play: playPersonalToken },
  { file: 'oauth-profile', title: 'The OAuth profile: an access token for a ticket', play: playOauthProfile },
];

async function playProtectionApi({ client, quiet, say }: FlowStage): Promise<void> {
  const { asRo, resourceServer } = client.home;
  const json = (method: string, path: string, body?: unknown) => client.json(method, `${asRo.issuer}${path}`, body, pat);
  say('An organisation’s resource server gets a PAT for itself:');
  const granted = await client.post(`${asRo.issuer}/token`, { grant_type: GRANT_TYPES.clientCredentials, scope: 'uma_protection' }, basic(resourceServer.clientId, resourceServer.clientSecret));
  const pat = String(granted.body['access_token']);
  say('It registers a resource of Alice’s; `owner` and `uri` are members of this project. `user_access_policy_uri` is where Alice finds it:');
  const created = await json('POST', '/resource', { resource_scopes: ['view', 'edit'], name: 'Draft', 'name#de': 'Entwurf', owner: 'alice@acme.example', uri: client.note('draft') });
  const id = String(created.body['_id']);
  say('It reads it back, and replaces the description in full:');
  await json('GET', `/resource/${id}`);
  await json('PUT', `/resource/${id}`, { resource_scopes: ['view'], name: 'Draft' });
  say('For somebody who comes without a token it asks for a ticket; an array of permissions gets one, too:');
  await json('POST', '/permission', [{ resource_id: id, resource_scopes: ['view'], resource_uri: client.note('draft') }]);
  const rpt = await quiet.rpt();
  say('It may ask about an RPT instead of validating it by itself:');
  await client.post(`${asRo.issuer}/introspect`, { token: rpt, token_type_hint: 'access_token' }, `Bearer ${pat}`);
  say('Protection ends with the registration:');
  await json('DELETE', `/resource/${id}`);
  await json('POST', '/permission', { resource_id: id, resource_scopes: ['view'] });
}

async function playPersonalToken({ client, quiet, recorder, say }: FlowStage): Promise<void> {
  const { asRo, identityProvider, people, resourceServer } = client.home;
  const credentials = basic(resourceServer.clientId, resourceServer.clientSecret);
  const alice = people.find(({ email }) => email === 'alice@acme.example');
  const signIn = { grant_type: 'password', username: 'alice@acme.example', password: alice?.password ?? '', scope: 'openid email' };
  const atResourceServer = await quiet.post(`${identityProvider.issuer}/token`, signIn, credentials);
  const subject = { subject_token: String(atResourceServer.body['id_token']), subject_token_type: TOKEN_TYPE_URNS.idToken };
  const exchange = () => client.post(`${asRo.issuer}/token`, { grant_type: GRANT_TYPES.tokenExchange, ...subject, scope: 'uma_protection' }, credentials);
  say('Alice has signed in at the resource server, so it has an ID token that the domain’s provider issued to it. It exchanges that for a PAT that is bound to Alice, to itself and to AS-RO:');
  const { body } = await exchange();
  const pat = String(body['access_token']);
  say('With it the resource server registers for Alice and for nobody else:');
  const created = await client.json('POST', `${asRo.issuer}/resource`, { resource_scopes: ['view'], name: 'Album' }, pat);
  await client.json('POST', `${asRo.issuer}/resource`, { resource_scopes: ['view'], owner: 'carol@acme.example' }, pat);
  say('Alice is away; the next PAT comes by the refresh token, which is used up and replaced:');
  const refreshed = await client.post(`${asRo.issuer}/token`, { grant_type: GRANT_TYPES.refreshToken, refresh_token: String(body['refresh_token']) }, credentials);
  const { idToken } = await quiet.signIn('alice@acme.example');
  const servers = `${client.home.ownerApi.url}/resource-servers`;
  say('Alice sees who acts for her:');
  await client.get(servers, `Bearer ${idToken}`);
  say('And ends it:');
  await client.json('DELETE', `${servers}/${resourceServer.clientId}`, undefined, idToken);
  say('At once the PATs are dead, the refresh token is, and her ID token gives no new one:');
  await client.get(`${asRo.issuer}/resource`, `Bearer ${String(refreshed.body['access_token'])}`);
  await client.post(`${asRo.issuer}/token`, { grant_type: GRANT_TYPES.refreshToken, refresh_token: String(refreshed.body['refresh_token']) }, credentials);
  await exchange();
  say('Only Alice can allow it again:');
  await client.json('PUT', `${servers}/${resourceServer.clientId}`, undefined, idToken);
  recorder.pause();
  await quiet.json('DELETE', `${asRo.issuer}/resource/${String(created.body['_id'])}`, undefined, await quiet.pat());
}

async function playOauthProfile({ client, quiet, say }: FlowStage): Promise<void> {
  const { asRo, gateway } = client.home;
  const { challenge, ict } = await quiet.prepared();
  const exchange = (ticket: string, actorToken: string) =>
    client.post(`${asRo.issuer}/token`, {
      grant_type: GRANT_TYPES.tokenExchange,
      requested_token_type: TOKEN_TYPE_URNS.accessToken,
      subject_token: ticket,
      subject_token_type: TOKEN_TYPE_URNS.jwt,
      actor_token: actorToken,
      actor_token_type: TOKEN_TYPE_URNS.jwt,
      resource: gateway.url,
    });
  say('The first six messages are those of [correlated authorization](correlated-authorization.md). Then a client of OAuth exchanges the ticket, with the identity claims token as actor token:');
  await exchange(challenge.ticket, ict);
  say('There is no need_info in OAuth. Whatever is not acceptable is `invalid_request` (RFC 8693 2.2.2); the ticket is used up, and the resource server gives the next one:');
  const mallory = await quiet.prepared('dave@globex.example');
  await exchange(mallory.challenge.ticket, mallory.ict);
}
