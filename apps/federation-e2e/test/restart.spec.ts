import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startForTest, type FederationUnderTest } from './federation-under-test.ts';
import { RawClient } from './support/raw-client.ts';

let federation: FederationUnderTest;
beforeAll(async () => {
  federation = await startForTest();
});
afterAll(() => federation.stop());

describe('A federation that is stopped and started again', () => {
  it('keeps its data: shares hold, used tickets stay used, unused ones work', async () => {
    const client = new RawClient(federation);
    const used = await client.prepared();
    const unused = await client.prepared();
    expect((await client.redeem(used.challenge.ticket, used.ict)).status).toBe(200);
    const resourceId = await client.resourceId();
    await federation.stopAndStart();
    expect(await client.resourceId()).toBe(resourceId);
    expect((await client.redeem(used.challenge.ticket, used.ict)).body['error']).toBe('invalid_grant');
    expect((await client.redeem(unused.challenge.ticket, unused.ict)).status).toBe(200);
    expect(await client.rpt()).toBeTruthy();
  });
});
