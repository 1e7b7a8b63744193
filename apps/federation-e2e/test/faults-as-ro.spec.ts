import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { containerOf } from './support/compose-project.ts';
import { connect, disconnect, isReady, kill, pause, replicasOf, start, unpause } from './support/container-faults.ts';
import { DECIDED_MS, UNREACHABLE_MS, WITHDRAWN_MS } from './support/deadlines.ts';
import { msUntilRefused } from './support/ms-until-refused.ts';
import { RawClient, type Prepared } from './support/raw-client.ts';
import { until } from './support/until.ts';
import { Witness } from './support/witness.ts';
import { worksAgain } from './support/works-again.ts';

let federation: FederationUnderTest;
beforeAll(async () => {
  federation = await startForTest();
});
afterAll(() => federation.stop());

describe('One AS-RO replica killed in the middle of grants', () => {
  const victim = containerOf('acme-as-ro', 1);
  afterAll(() => start(victim));

  it('costs the grants that it was at work on, and no ticket is good twice', async () => {
    const client = new RawClient(federation);
    const witness = await Witness.prepare(client);
    const prepared: Prepared[] = [];
    while (prepared.length < 60) prepared.push(...(await Promise.all(Array.from({ length: 6 }, () => client.prepared()))));
    const redeemAll = () => Promise.all(prepared.map(({ challenge, ict }) => client.redeem(challenge.ticket, ict)));
    const killed = kill(victim);
    // Both at once, so that the second of a pair meets the other replica.
    const [first, second] = await Promise.all([redeemAll(), redeemAll()]);
    await killed;
    for (const { status, tookMs } of [...first, ...second]) {
      expect([200, 400, 502, 503]).toContain(status);
      expect(tookMs).toBeLessThan(DECIDED_MS);
    }
    const third = await redeemAll();
    prepared.forEach((_, index) => {
      const granted = [first, second, third].filter((answers) => answers[index]?.status === 200);
      expect(granted.length).toBeLessThanOrEqual(1);
      // The other replica is there: what the dead one has not used is still good.
      expect(third[index]).toMatchObject(granted.includes(third) ? { status: 200 } : { body: { error: 'invalid_grant' } });
    });
    expect(await isReady(victim)).toBe(false);
    await worksAgain(client);
    expect((await witness.redeemAgain()).body['error']).toBe('invalid_grant');
    expect((await witness.endShare()).status).toBe(204);
    expect(await witness.guestLosesAccess()).toBeLessThan(WITHDRAWN_MS);
    await start(victim);
    await until('the replica is ready', () => isReady(victim));
  });
});

describe('A gateway cut off from AS-RO', () => {
  describe.each([
    ['acme, where both replicas hang', 'acme', async () => pause(...(await replicasOf('acme-as-ro'))), async () => unpause(...(await replicasOf('acme-as-ro')))],
    [
      'globex, where packets get lost',
      'globex',
      async () => disconnect('public', ...(await replicasOf('globex-rs-gateway'))),
      async () => connect('public', [], ...(await replicasOf('globex-rs-gateway'))),
    ],
  ] as const)('of %s', (_what, domain, begin, end) => {
    let client: RawClient;
    let witness: Witness;
    let ended: Promise<void> | undefined;
    const endFault = () => (ended ??= end());
    beforeAll(async () => {
      client = new RawClient(federation, domain);
      if (domain === 'globex') await client.share({ email: 'alice@acme.example' });
      witness = await Witness.prepare(client);
      await begin();
    });
    afterAll(endFault);

    it('says so with 403 and Warning 199 within 2 s, and lets nobody through [G7]', async () => {
      for (const answer of await Promise.all(Array.from({ length: 4 }, () => client.get(client.note())))) {
        expect(answer.status).toBe(403);
        expect(answer.headers.get('warning')).toMatch(/^199 /);
        expect(answer.tookMs).toBeLessThan(UNREACHABLE_MS);
      }
    });

    it('ends access that is taken back meanwhile', async () => {
      const removal = await witness.endShare();
      if (domain === 'globex') expect(removal.status).toBe(204);
      else expect(removal.status).toBeGreaterThanOrEqual(500);
      if (domain === 'globex') expect(await witness.guestLosesAccess()).toBeLessThan(WITHDRAWN_MS);
    });

    it('is over when AS-RO is back, without a restart', async () => {
      await endFault();
      await worksAgain(client);
      expect((await witness.redeemAgain()).body['error']).toBe('invalid_grant');
      // A frozen AS-RO may have carried the removal out when it thawed.
      expect(domain === 'acme' ? [204, 404] : [404]).toContain((await witness.endShare()).status);
      expect(await msUntilRefused(() => witness.guestReads())).toBeLessThan(WITHDRAWN_MS);
    });
  });
});
