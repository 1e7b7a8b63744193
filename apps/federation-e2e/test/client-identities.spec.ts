import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as openid from 'openid-client';
import { GRANT_TYPES, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { clientSite, type ClientSite } from './support/client-site.ts';
import { RawClient } from './support/raw-client.ts';

/** A client that no authorization server of either domain has heard of: its id is the URL of a document on a site of its own. */
let site: ClientSite;
let federation: FederationUnderTest;
let raw: RawClient;
beforeAll(async () => {
  federation = await startForTest();
  site = await clientSite(federation);
  raw = new RawClient(federation);
});
afterAll(async () => {
  await site.stop();
  await federation.stop();
});

/** How this client reaches our servers, which speak plain http in process. */
const through = (url: string, options: object) => federation.fetch(url, options);
const discover = (issuer: string) =>
  openid.discovery(new URL(issuer), site.clientId, undefined, openid.PrivateKeyJwt(site.key), { algorithm: 'oauth2', execute: [openid.allowInsecureRequests], [openid.customFetch]: through });

describe('A client known by its document in both domains', () => {
  /** Steps 5 and 6, authenticated by the client's key and nothing else. */
  async function exchange(actorToken: string): Promise<string> {
    const asRqp = await discover(federation.manifest.domains.globex.asRqp.issuer);
    const { access_token: token } = await openid.genericGrantRequest(asRqp, GRANT_TYPES.tokenExchange, {
      requested_token_type: TOKEN_TYPE_URNS.jwt,
      subject_token: await site.signedIn(),
      subject_token_type: TOKEN_TYPE_URNS.accessToken,
      actor_token: actorToken,
      actor_token_type: TOKEN_TYPE_URNS.jwt,
    });
    return token;
  }

  it('walks the flow with openid-client and no DPoP: it is the holder because it is the same client on both sides [D3]', async () => {
    const { acme } = federation.manifest.domains;
    const asRo = await discover(acme.asRo.issuer);
    expect(asRo.serverMetadata()['client_id_metadata_document_supported']).toBe(true);
    const challenge = await raw.challenge();
    const claims = { ticket: challenge.ticket, claim_token: await exchange(challenge.resourceClaimsToken), claim_token_format: TOKEN_TYPE_URNS.jwt };
    const granted = await openid.genericGrantRequest(asRo, GRANT_TYPES.umaTicket, { ...claims, resource: acme.gateway.url });
    expect(granted.token_type).toBe('bearer');
    expect((await raw.get(raw.note(), `Bearer ${granted.access_token}`)).body).toMatchObject({ id: '1', owner: 'alice' });
  });

  it('cannot be stood in for: its claims token in the hands of a client of AS-RO’s own gives nothing', async () => {
    const challenge = await raw.challenge();
    const { status, body } = await raw.redeem(challenge.ticket, await exchange(challenge.resourceClaimsToken));
    expect([status, body['error']]).toEqual([403, 'request_denied']);
  });
});
