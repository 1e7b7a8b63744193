import { afterAll, describe, expect, it } from '@jest/globals';
import { AsRoUnderTest, BOB, clientKey, stopAll } from './harness.ts';

afterAll(stopAll);

/** Nobody listens on this port. */
const AWAY = { address: { kind: 'standalone', host: '127.0.0.1', port: 1 } };

describe('AS-RO whose Redis is away', () => {
  it('starts, refuses what needs a replay window with 503 and Retry-After, and does everything else', async () => {
    const asRo = await AsRoUnderTest.start({ settings: { redis: AWAY, bus: true } });
    const note = await asRo.sharedNote();
    const startedAt = performance.now();
    const refused = await asRo.access(note, {}, { dpop: await clientKey() });
    expect([refused.status, refused.body['error'], refused.headers['retry-after']]).toEqual([503, 'temporarily_unavailable', '1']);
    expect(performance.now() - startedAt).toBeLessThan(1000);
    const granted = await asRo.access(note);
    expect([granted.status, granted.body['token_type']]).toEqual([200, 'Bearer']);
    await asRo.api('DELETE', `/owner/shares/${note.shareId}`, undefined, await asRo.ownerToken());
    expect((await asRo.access(await asRo.challenge({ resource_id: note.id, resource_scopes: ['view'] }), { email: BOB })).body['error']).toBe('request_denied');
  });

  it('limits by its own share of a budget meanwhile', async () => {
    const asRo = await AsRoUnderTest.start({ settings: { redis: { ...AWAY, localShare: 0.5 }, limits: { perSource: 8 } } });
    const statuses = [];
    for (let turn = 0; turn < 5; turn += 1) statuses.push((await asRo.tokenRequest({ grant_type: 'none' })).status);
    expect(statuses).toEqual([400, 400, 400, 400, 429]);
  });
});
