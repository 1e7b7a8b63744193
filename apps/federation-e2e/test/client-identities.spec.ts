import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT, type JWK } from 'jose';
import * as openid from 'openid-client';
import { GRANT_TYPES, TOKEN_TYPE_URNS } from '@uma-federation/uma-core';
import { inProcessFederation, type InProcessFederation } from './support/in-process-federation.ts';
import { RawClient } from './support/raw-client.ts';

/** A client that nobody in either domain has heard of: its id is the URL of a document on a site of its own. */
let site: Server;
let clientId = '';
let document: object = {};
let key: { readonly key: openid.CryptoKey; readonly kid: string };
let federation: InProcessFederation;
let raw: RawClient;
beforeAll(async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  key = { key: privateKey, kid: 'notes-1' };
  site = createServer((_request, response) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(document)));
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
  clientId = `http://127.0.0.1:${(site.address() as AddressInfo).port}/notes`;
  document = {
    client_id: clientId,
    client_name: 'Notes',
    token_endpoint_auth_method: 'private_key_jwt',
    jwks: { keys: [{ ...(await exportJWK(publicKey)), kid: 'notes-1', alg: 'ES256', use: 'sig' }] },
  };
  federation = await inProcessFederation();
  raw = new RawClient(federation);
});
afterAll(async () => {
  await federation.stop();
  site.close();
  site.closeAllConnections();
});

/** Bob's access token for this client, as his identity provider would make it if he had signed in there. */
async function signedIn(): Promise<string> {
  const { globex } = federation.manifest.domains;
  const secrets = JSON.parse(await readFile(join(federation.dataDirectory, 'secrets.json'), 'utf8')) as { domains: { globex: { identityProviderKeys: { keys: JWK[] } } } };
  const jwk = secrets.domains.globex.identityProviderKeys.keys.find(({ kty }) => kty === 'EC') as JWK;
  return new SignJWT({ client_id: clientId, email: 'bob@globex.example', email_verified: true })
    .setProtectedHeader({ alg: 'ES256', kid: jwk.kid ?? (await calculateJwkThumbprint(jwk)), typ: 'at+jwt' })
    .setIssuer(globex.identityProvider.issuer)
    .setAudience(globex.asRqp.issuer)
    .setSubject('bob')
    .setJti(crypto.randomUUID())
    .setIssuedAt()
    .setExpirationTime('5m')
    .sign(await importJWK(jwk, 'ES256'));
}

const discover = (issuer: string) => openid.discovery(new URL(issuer), clientId, undefined, openid.PrivateKeyJwt(key), { algorithm: 'oauth2', execute: [openid.allowInsecureRequests] });

describe('A client known by its document in both domains', () => {
  /** Steps 5 and 6, authenticated by the client's key and nothing else. */
  async function exchange(actorToken: string): Promise<string> {
    const asRqp = await discover(federation.manifest.domains.globex.asRqp.issuer);
    const { access_token: token } = await openid.genericGrantRequest(asRqp, GRANT_TYPES.tokenExchange, {
      requested_token_type: TOKEN_TYPE_URNS.jwt,
      subject_token: await signedIn(),
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
