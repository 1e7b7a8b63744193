import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { containerOf } from './support/compose-project.ts';
import { isReady, kill, start } from './support/container-faults.ts';
import { DECIDED_MS, WITHDRAWN_MS } from './support/deadlines.ts';
import { RawClient } from './support/raw-client.ts';
import { until } from './support/until.ts';
import { Witness } from './support/witness.ts';
import { worksAgain } from './support/works-again.ts';

let federation: FederationUnderTest;
beforeAll(async () => {
  federation = await startForTest();
});
afterAll(() => federation.stop());

describe('One gateway replica killed', () => {
  const victim = containerOf('acme-rs-gateway', 2);
  afterAll(() => start(victim));

  it('is not noticed by those who read, and one that comes back knows what was revoked meanwhile', async () => {
    const client = new RawClient(federation);
    const witness = await Witness.prepare(client);
    const killed = kill(victim);
    const reads = await Promise.all(Array.from({ length: 40 }, () => witness.read()));
    await killed;
    reads.push(...(await Promise.all(Array.from({ length: 10 }, () => witness.read()))));
    for (const { status, tookMs } of reads) {
      expect(status).toBe(200);
      expect(tookMs).toBeLessThan(DECIDED_MS);
    }
    expect((await witness.endShare()).status).toBe(204);
    expect(await witness.guestLosesAccess()).toBeLessThan(WITHDRAWN_MS);
    await start(victim);
    await until('the replica is ready', () => isReady(victim));
    const later = await Promise.all(Array.from({ length: 10 }, () => witness.guestReads()));
    expect(later.map(({ status }) => status)).toEqual(later.map(() => 401));
    await worksAgain(client);
  });
});
