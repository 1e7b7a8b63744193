import {
  describeAuthorizationRequestStore,
  describeClientStore,
  describeGrantCompanions,
  describeGrantLedger,
  describePersistedClaimsStore,
  describeProtectionRefreshTokens,
  describeRefreshTokenStore,
  describeResourceRegistry,
  describeResourceSearch,
  describeResourceServerConsents,
  describeRevocationFeed,
  describeShareStore,
  describeTicketLedger,
  describeUma1TokenStore,
  FakeClock,
  type MakeStores,
} from '@uma-federation/testing';
import type { JsonObject } from '@uma-federation/uma-core';
import { createPostgresStores } from '../src/as-ro-stores.ts';
import { createMemoryStores } from '../src/create-memory-stores.ts';
import { connect } from '../src/database.ts';
import { asOwner, createAsRoDatabase, PATIENT } from './test-database.ts';
import { testServers } from './test-servers.ts';

const REPLICAS = 3;

const memoryStores: MakeStores = async () => {
  const stores = createMemoryStores(new FakeClock());
  return { replicas: [stores], audit: async () => stores.audit as readonly { event: string; data: JsonObject }[], dispose: async () => undefined };
};

/** Three replicas with pools of their own, all under the role of the service. */
const postgresStores = (serverUrl: string): MakeStores => async () => {
  const database = await createAsRoDatabase(serverUrl);
  const replicas = Array.from({ length: REPLICAS }, () => connect({ ...PATIENT, url: database.serviceUrl, maxConnections: 8 }));
  const [first, ...others] = replicas.map(createPostgresStores);
  if (first === undefined) throw new Error('no replica');
  return {
    replicas: [first, ...others],
    audit: () => asOwner(database, (owner) => owner.run((sql) => sql<{ event: string; data: JsonObject }[]>`select event, data from as_ro.audit order by id`)),
    dispose: async () => {
      await Promise.all(replicas.map((replica) => replica.close()));
      await database.drop();
    },
  };
};

for (const [name, makeStores] of [['memory', memoryStores] as const, ...testServers().map(([server, url]) => [server, postgresStores(url)] as const)]) {
  describeTicketLedger(name, makeStores);
  describeGrantLedger(name, makeStores);
  describeResourceRegistry(name, makeStores);
  describeResourceSearch(name, makeStores);
  describeShareStore(name, makeStores);
  describeRevocationFeed(name, makeStores);
  describeGrantCompanions(name, makeStores);
  describeAuthorizationRequestStore(name, makeStores);
  describePersistedClaimsStore(name, makeStores);
  describeRefreshTokenStore(name, makeStores);
  describeUma1TokenStore(name, makeStores);
  describeClientStore(name, makeStores);
  describeResourceServerConsents(name, makeStores);
  describeProtectionRefreshTokens(name, makeStores);
}
