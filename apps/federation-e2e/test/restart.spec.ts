import { afterAll, describe, expect, it } from '@jest/globals';
import { startFederation } from '@uma-federation/federation-app';
import { discard, startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { RawClient } from './raw-client.ts';

const started: FederationUnderTest[] = [];
afterAll(async () => {
  for (const federation of started) await federation.stop();
  for (const federation of started) await discard(federation);
});

describe('A federation that is stopped and started again', () => {
  it('keeps its data: shares hold, used tickets stay used, unused ones work', async () => {
    const first = await startForTest();
    started.push(first);
    const before = new RawClient(first.manifest);
    const used = await before.prepared();
    const unused = await before.prepared();
    expect((await before.redeem(used.challenge.ticket, used.ict)).status).toBe(200);
    const resourceId = await before.resourceId();
    await first.stop();

    const second = await startForTest(first);
    started.push(second);
    const after = new RawClient(second.manifest);
    expect(await after.resourceId()).toBe(resourceId);
    expect((await after.redeem(used.challenge.ticket, used.ict)).body['error']).toBe('invalid_grant');
    expect((await after.redeem(unused.challenge.ticket, unused.ict)).status).toBe(200);
    expect(await after.rpt()).toBeTruthy();
  });

  it('says which ports are in use instead of starting halfway', async () => {
    const [running] = started.slice(-1);
    if (running === undefined) throw new Error('nothing is running');
    const { portBase, dataDirectory } = running;
    await expect(startFederation({ fresh: false, portBase, dataDirectory })).rejects.toThrow(new RegExp(`Ports ${portBase}, .* in use.*--port-base`));
  });
});
