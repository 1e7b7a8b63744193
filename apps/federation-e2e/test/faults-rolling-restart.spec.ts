import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { isReady, replicasOf, restart } from './support/container-faults.ts';
import { Load } from './support/load.ts';
import { RawClient } from './support/raw-client.ts';
import { until } from './support/until.ts';
import { worksAgain } from './support/works-again.ts';

/** What has replicas. The front, the identity provider and the API stand for what a production system brings itself. */
const SERVICES = ['as-ro', 'as-rqp', 'rs-gateway'] as const;
const ALL_MS = 240_000;

let federation: FederationUnderTest;
beforeAll(async () => {
  federation = await startForTest();
});
afterAll(() => federation.stop());

it('A rolling restart of every service, one replica after the other, loses no request under load', async () => {
  const clients = [new RawClient(federation, 'acme'), new RawClient(federation, 'globex')];
  const share = await clients[1]?.share({ email: 'alice@acme.example' });
  for (const client of clients) await worksAgain(client);
  const load = new Load([...clients, ...clients]);
  // Both domains at once: a request from one to the other meets restarts on both sides.
  const rolling = ['acme', 'globex'].map(async (domain) => {
    for (const service of SERVICES) {
      for (const replica of await replicasOf(`${domain}-${service}`)) {
        await restart(replica);
        await until(`${replica} is ready`, () => isReady(replica));
      }
    }
  });
  const finished = await Promise.allSettled(rolling);
  const { succeeded, failures } = await load.stop();
  await share?.end();
  expect(finished.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
  expect(failures).toEqual([]);
  expect(succeeded).toBeGreaterThan(500);
}, ALL_MS);
