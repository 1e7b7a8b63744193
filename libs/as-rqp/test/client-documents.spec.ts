import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { fixedKeys, forgeJws, publicJwk } from '@uma-federation/testing';
import { GRANT_TYPES, JWT_BEARER_ASSERTION } from '@uma-federation/uma-core';
import { Harness, INVALID_CLIENT, INVALID_REQUEST, ISSUER, issuedToken, seen, TOKEN_URL } from './harness.ts';

/** The site of the client is on this machine. */
const NOTES = 'https://app.example/notes';

let site: Server;
let asked: string[] = [];
let document: object = {};
let harness: Harness;
let serial = 0;
const start = (settings: Record<string, unknown> = {}) =>
  Harness.start({ settings: { development: { addressMap: { 'app.example': `http://127.0.0.1:${(site.address() as AddressInfo).port}` } }, ...settings } });

beforeAll(async () => {
  site = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(200, { 'content-type': 'application/json', connection: 'close' }).end(JSON.stringify(document));
  });
  await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
});
beforeEach(async () => {
  asked = [];
  document = { client_id: NOTES, token_endpoint_auth_method: 'private_key_jwt', jwks: { keys: [publicJwk(fixedKeys.evil)] } };
  harness = await start();
});
afterAll(() => new Promise((resolve) => site.close(resolve)));

/** A token exchange of the client, for a person who signed in to it. */
function exchange(server: Harness, { audience = ISSUER, subjectOf = NOTES } = {}) {
  const now = server.clock.now();
  serial += 1;
  const claims = { iss: NOTES, sub: NOTES, aud: audience, iat: now, exp: now + 60, jti: `assertion-${serial}` };
  const assertion = forgeJws({ header: { alg: 'ES256', kid: fixedKeys.evil.kid }, claims, key: fixedKeys.evil });
  return server.exchange({ client_assertion_type: JWT_BEARER_ASSERTION, client_assertion: assertion, subject_token: server.accessToken({ claims: { client_id: subjectOf } }) }, {});
}

describe('A client whose id is the URL of its document, at AS-RqP', () => {
  it('authenticates itself by its key, and the identity claims token names it by the id that AS-RO knows it by, too (Decision D3)', async () => {
    const answer = await exchange(harness);
    expect(answer.status).toBe(200);
    expect(issuedToken(answer).claims).toMatchObject({ client_id: NOTES, sub: 'bob@globex.example' });
    expect(issuedToken(answer).claims).not.toHaveProperty('cnf');
    expect(asked).toEqual(['/notes']);
    await harness.stop();
  });

  it('gets nothing for a token that another client was given [T7], nor with an assertion made for the token endpoint (A70)', async () => {
    expect(seen(await exchange(harness, { subjectOf: 'app' }))).toEqual([400, INVALID_REQUEST]);
    expect(seen(await exchange(harness, { audience: TOKEN_URL }))).toEqual([401, INVALID_CLIENT]);
    await harness.stop();
  });

  it('may only exchange tokens', async () => {
    const answer = await harness.exchange({ grant_type: GRANT_TYPES.umaTicket, client_id: NOTES }, {});
    expect([answer.status, answer.json['error']]).toEqual([400, 'unsupported_grant_type']);
    await harness.stop();
  });

  it('is unknown when the document is another client’s, when its host is denied, and where documents are not wanted', async () => {
    document = { ...document, client_id: 'https://app.example/other' };
    expect(seen(await exchange(harness))).toEqual([401, INVALID_CLIENT]);
    expect(asked).toEqual(['/notes']);
    await harness.stop();
    for (const clientIdMetadataDocuments of [{ hosts: { deny: ['app.example'] } }, { enabled: false }]) {
      const other = await start({ clientIdMetadataDocuments });
      expect(seen(await exchange(other))).toEqual([401, INVALID_CLIENT]);
      expect('client_id_metadata_document_supported' in (await other.send('/.well-known/oauth-authorization-server')).json).toBe(clientIdMetadataDocuments.enabled !== false);
      await other.stop();
    }
    expect(asked).toEqual(['/notes']);
  });
});
