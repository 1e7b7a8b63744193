import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createUmaFetch } from '@uma-federation/uma-client';
import { inProcessFederation, type InProcessFederation } from './support/in-process-federation.ts';
import { startStorage, type Storage } from './support/storage.ts';
import { RawClient } from './support/raw-client.ts';

// In process only: in the composed federation no third organisation has a resource server.
let federation: InProcessFederation;
let storage: Storage;
let alices: string;
let bobs: string;
beforeAll(async () => {
  federation = await inProcessFederation();
  storage = await startStorage(federation.manifest, federation.portBase);
  alices = `${storage.url}/shelves/acme/alice/1`;
  bobs = `${storage.url}/shelves/globex/bob/1`;
});
afterAll(async () => {
  await storage.stop();
  await federation.stop();
});

describe('A resource server whose owners have authorization servers of their own', () => {
  it('asks the server of the owner for each route, and lets its people in [F5]', async () => {
    const [acme, globex] = [new RawClient(federation, 'acme'), new RawClient(federation, 'globex')];
    for (const [by, url, who] of [[acme, alices, 'bob@globex.example'], [globex, bobs, 'alice@acme.example']] as const) {
      const share = await by.share({ email: who }, url);
      expect((await by.challenge(url)).asUri).toBe(by.home.asRo.issuer);
      const rpt = await by.rpt(who, url);
      expect((await by.get(url, `Bearer ${rpt}`)).status).toBe(200);
      await share.end();
    }
  });

  it('A80 takes an RPT of one server at no route of the other, though both are for this resource server', async () => {
    const acme = new RawClient(federation, 'acme');
    const share = await acme.share({ email: 'bob@globex.example' }, alices);
    const rpt = await acme.rpt('bob@globex.example', alices);
    const elsewhere = await acme.get(bobs, `Bearer ${rpt}`);
    expect([elsewhere.status, elsewhere.headers.get('www-authenticate')]).toEqual([401, expect.stringContaining(federation.manifest.domains.globex.asRo.issuer)]);
    await share.end();
  });

  it('says for each of its paths which server decides (RFC 9728 3), so that our own client goes along', async () => {
    const acme = new RawClient(federation, 'acme');
    const share = await acme.share({ email: 'bob@globex.example' }, alices);
    const { clients, domains } = federation.manifest;
    const { clientId, clientSecret } = clients.confidential;
    const bob = createUmaFetch({
      subjectToken: async () => ({ token: (await acme.signIn()).accessToken, type: 'access_token' }),
      requestingPartyServer: { issuer: domains.globex.asRqp.issuer, clientId, clientSecret },
      resourceOwnerClient: () => ({ clientId, clientSecret }),
    });
    const answer = await bob(alices);
    expect([answer.status, await answer.json()]).toEqual([200, expect.objectContaining({ owner: 'alice' })]);
    const { body } = await acme.get(`${storage.url}/.well-known/oauth-protected-resource`);
    expect(body).toMatchObject({ resource: storage.url, authorization_servers: [domains.acme.asRo.issuer, domains.globex.asRo.issuer] });
    await share.end();
  });
});
