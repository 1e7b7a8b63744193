import { describe, expect, it } from '@jest/globals';
import { GatewayUnderTest, NOTE } from './support/gateway-under-test.ts';

describe('A74 Ticket flooding', () => {
  it('beyond the limit of a source: 429 with Retry-After and no contact with AS-RO; sufficient tokens do not count', async () => {
    const under = await GatewayUnderTest.start({ settings: { challengeLimits: { perSource: 3, perRoute: 100 } } });
    try {
      for (let round = 0; round < 3; round += 1) expect((await under.send(NOTE)).status).toBe(401);
      under.asRo.takeCalls();
      for (const headers of [{}, { Authorization: 'Bearer garbage' }]) {
        const answer = await under.send(NOTE, { headers });
        expect([answer.status, answer.json()]).toEqual([429, { error: 'temporarily_unavailable' }]);
        expect(Number(answer.headers.get('retry-after')?.[0])).toBeGreaterThan(0);
      }
      expect(under.asRo.takeCalls()).toEqual([]);
      const headers = { Authorization: `Bearer ${await under.rpt([under.permission(NOTE, 'view')])}` };
      expect((await under.send(NOTE, { headers })).status).toBe(200);
    } finally {
      await under.stop();
    }
  });

  it('beyond the limit of a route: 429 there, and tickets for the other routes', async () => {
    const under = await GatewayUnderTest.start({ settings: { challengeLimits: { perSource: 100, perRoute: 2 } } });
    try {
      const statuses = [];
      for (const target of [NOTE, '/users/alice/notes/10', NOTE, '/vault']) statuses.push((await under.send(target)).status);
      expect(statuses).toEqual([401, 401, 429, 401]);
    } finally {
      await under.stop();
    }
  });
});
