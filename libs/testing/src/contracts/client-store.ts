import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { ClientId, ClientMetadata, RegisteredClient } from '@uma-federation/uma-core';
import { PARALLEL, race, type AsRoStoresUnderTest, type MakeStores, type StoresOfOneReplica } from './as-ro-stores-under-test.ts';
import { AS_RQP, EXAMPLE_TIME, exampleGrant, exampleResource, exampleShare, freshId } from './store-examples.ts';

const HASHES = { first: 'A'.repeat(43), second: 'B'.repeat(43), token: 'C'.repeat(43) };
const ENOUGH = 1_000_000;
const METADATA: ClientMetadata = {
  authenticationMethod: 'client_secret_basic',
  keys: { jwks: { keys: [{ kty: 'OKP', crv: 'Ed25519', x: 'AAAA', kid: 'a', nested: [1, { deep: null }] }] } },
  grantTypes: ['urn:ietf:params:oauth:grant-type:uma-ticket'],
  scopes: ['view'],
  redirectUris: [],
  claimsRedirectUris: ['https://app.example/cb?x=%7E'],
  dpopBoundAccessTokens: false,
  clientName: 'Nötes \u{1f5d2} "quoted" \\ \'; drop table client; --',
  contacts: [],
  localized: { 'client_name#ja': 'ノート', 'client_name#__proto__': 'x', constructor: 'x' },
};

function exampleClient(differences: Partial<RegisteredClient> = {}): RegisteredClient {
  return { clientId: freshId<ClientId>('dcr_'), metadata: METADATA, secretHash: HASHES.first, registrationTokenHash: HASHES.token, issuedAt: EXAMPLE_TIME, ...differences };
}

/** Gives the client an RPT, persisted claims and a refresh token, and says which of them are still good. */
async function tokensOf(replica: StoresOfOneReplica, clientId: ClientId) {
  const resource = exampleResource();
  await replica.resources.create(resource);
  const share = exampleShare(resource);
  await replica.shares.create(share);
  const [claimsHash, refreshHash, refreshId] = [randomUUID(), randomUUID(), randomUUID()];
  const grant = exampleGrant([share], { clientId, refreshId });
  const identity = { issuer: AS_RQP, email: 'bob@bar.example', clientId } as never;
  const refreshToken = {
    id: refreshId, tokenHash: refreshHash, clientId, resourceServer: grant.resourceServer, owner: grant.owner, requestingParty: 'bob@bar.example',
    permissions: grant.permissions, shares: grant.shares, expiresAt: grant.expiresAt,
  };
  const persistedClaims = { id: randomUUID(), tokenHash: claimsHash, clientId, identity, createdAt: EXAMPLE_TIME, expiresAt: grant.expiresAt };
  expect(await replica.grants.record(grant, undefined, { persistedClaims, refreshToken })).toBe('recorded');
  const use = { tokenHash: refreshHash, nextTokenHash: randomUUID(), clientId, thumbprint: undefined, now: EXAMPLE_TIME };
  return {
    good: async () => ({
      rpt: await replica.grants.isActive(grant.issuer, grant.tokenId, EXAMPLE_TIME),
      claims: (await replica.persistedClaims.find(claimsHash, EXAMPLE_TIME)) !== undefined,
      refresh: (await replica.refreshTokens.rotate(use)) !== undefined,
    }),
    inFeed: async () => (await replica.revocations.read(grant.resourceServer, undefined, EXAMPLE_TIME)).revoked.some(({ tokenId }) => tokenId === grant.tokenId),
  };
}

/**
 * The guarantees of `ClientStore`.
 * @param implementation its name in the titles
 * @param makeStores called once
 */
export function describeClientStore(implementation: string, makeStores: MakeStores): void {
  describe(`client store: ${implementation}`, () => {
    let stores: AsRoStoresUnderTest;
    beforeAll(async () => {
      stores = await makeStores();
    });
    afterAll(() => stores.dispose());
    const other = (): StoresOfOneReplica => stores.replicas.at(-1) ?? stores.replicas[0];

    it('gives a client back as it was stored, to every replica, and knows no other', async () => {
      const [{ clients }] = stores.replicas;
      const [confidential, open] = [exampleClient(), exampleClient({ secretHash: undefined })];
      for (const client of [confidential, open]) expect(await clients.create(client, ENOUGH)).toBe(true);
      expect(await other().clients.find(confidential.clientId)).toEqual(confidential);
      expect(await other().clients.find(open.clientId)).toEqual({ ...open, secretHash: undefined });
      for (const unknown of [confidential.clientId.toUpperCase(), `${confidential.clientId} `, '', '__proto__', "' or 1=1 --"]) expect(await clients.find(unknown)).toBeUndefined();
    });

    it('stores no more clients than may be', async () => {
      const [{ clients }] = stores.replicas;
      const refused = exampleClient();
      expect(await clients.create(refused, 1)).toBe(false);
      expect(await clients.find(refused.clientId)).toBeUndefined();
    });

    it('refuses an id that is taken', async () => {
      const [{ clients }] = stores.replicas;
      const client = exampleClient();
      await clients.create(client, ENOUGH);
      await expect(clients.create(exampleClient({ clientId: client.clientId }), ENOUGH)).rejects.toThrow();
    });

    it('replaces metadata and secret in full, and nothing else', async () => {
      const [{ clients }] = stores.replicas;
      const client = exampleClient();
      await clients.create(client, ENOUGH);
      const metadata: ClientMetadata = { authenticationMethod: 'none', scopes: [], redirectUris: [], claimsRedirectUris: [], dpopBoundAccessTokens: true, contacts: [], localized: {} };
      expect(await clients.replace({ ...client, metadata, secretHash: undefined, registrationTokenHash: HASHES.second, issuedAt: 1 } as RegisteredClient)).toBe(true);
      expect(await other().clients.find(client.clientId)).toEqual({ ...client, metadata, secretHash: undefined });
      expect(await clients.replace({ clientId: freshId<ClientId>('dcr_'), metadata })).toBe(false);
    });

    it('removes a client once, and all that it was given with it, and nothing of others', async () => {
      const [gone, stays] = [exampleClient(), exampleClient()];
      for (const client of [gone, stays]) await other().clients.create(client, ENOUGH);
      const [ofGone, ofOther] = [await tokensOf(other(), gone.clientId), await tokensOf(other(), stays.clientId)];
      expect(await ofGone.inFeed()).toBe(false);
      const removed = await race(stores, PARALLEL, ({ clients }) => clients.remove(gone.clientId, EXAMPLE_TIME));
      expect(removed.filter(Boolean)).toHaveLength(1);
      expect(await stores.replicas[0].clients.find(gone.clientId)).toBeUndefined();
      expect(await stores.replicas[0].clients.replace({ clientId: gone.clientId, metadata: METADATA })).toBe(false);
      expect(await ofGone.good()).toEqual({ rpt: false, claims: false, refresh: false });
      expect(await ofOther.good()).toEqual({ rpt: true, claims: true, refresh: true });
      expect([await ofGone.inFeed(), await ofOther.inFeed()]).toEqual([true, false]);
    });

    it('puts every change on the record, without what the client said', async () => {
      const client = exampleClient();
      await other().clients.create(client, ENOUGH);
      await other().clients.replace(client);
      await other().clients.remove(client.clientId, EXAMPLE_TIME);
      const entries = (await stores.audit()).filter(({ data }) => data['client_id'] === client.clientId);
      expect(entries).toEqual(['client_registered', 'client_replaced', 'client_removed'].map((event) => ({ event, data: { client_id: client.clientId } })));
    });
  });
}
