import type { Benchmark } from '../harness/benchmark.ts';
import { startDatabaseServer } from '../harness/databases.ts';
import { startFakeIssuer } from '../harness/fake-issuer.ts';
import { measureLoad } from '../harness/measure-load.ts';
import { interleave } from '../harness/rounds.ts';
import { measureLimit } from '../limit/measure-limit.ts';
import { workOf } from '../limit/work-of.ts';
import { loadShares } from '../shares/load-shares.ts';
import { againstLimit } from './against-limit.ts';
import { CONNECTIONS, loadOf, warmUp } from './fresh-load.ts';
import { GUEST, grantRequests, GUEST_DOMAIN, mintGrantTokens } from './grant-requests.ts';
import { startAsRo } from './start-as-ro.ts';

const SHARES = 1000;

/** uma-ticket grants of one AS-RO process on PostgreSQL, against the cryptographic limit of the machine. */
export const benchmarkGrants: Benchmark = async (run) => {
  const databases = await startDatabaseServer(run);
  const guestIssuer = await startFakeIssuer(run);
  const database = await databases.create('grants');
  const resources = await loadShares(database, SHARES, SHARES);
  const asRo = await startAsRo({ instance: 'grants', databaseUrl: database.serviceUrl, addressMap: { [GUEST_DOMAIN]: guestIssuer.issuer } }, run);
  const fresh = (count: number) => grantRequests(count, resources, asRo, guestIssuer);
  const works = await Promise.all(
    resources.slice(0, 100).map(async (resource) => {
      const { ticket, claimsToken } = await mintGrantTokens(resource, asRo, guestIssuer);
      const claims = { iss: asRo.issuer, aud: 'http://127.0.0.1:9/', sub: GUEST, client_id: 'benchmark-client', permissions: [{ resource_id: resource.id, resource_scopes: ['view'] }], jti: 'AAAAAAAAAAAAAAAAAAAAAA' };
      return workOf({ tokens: [{ token: ticket, key: asRo.key }, { token: claimsToken, key: guestIssuer.key }], answer: { typ: 'at+jwt', claims, key: asRo.key } });
    }),
  );
  run.say(`grants: AS-RO on ${databases.name}, ${CONNECTIONS} connections`);
  const expected = await warmUp(asRo, fresh);
  const measured = await interleave(run.rounds, {
    limit: async () => measureLimit(works, Math.min(1, run.seconds)),
    server: async () => measureLoad(asRo, await loadOf(fresh, expected, run.seconds)),
  });
  return againstLimit('uma-ticket grants, AS-RO', 0.4, measured);
};
