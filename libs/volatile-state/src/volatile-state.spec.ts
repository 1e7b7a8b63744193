import { describe, expect, it } from '@jest/globals';
import { FakeClock } from '@uma-federation/testing';
import { createVolatileState } from './volatile-state.ts';

const clock = new FakeClock();

describe('the volatile state of a service', () => {
  it('is in this process without Redis', async () => {
    const state = createVolatileState({ clock, service: 'as-ro' });
    await state.open();
    expect(await state.replays.firstSeen('dpop', 'issuer', 'id', clock.now() + 60)).toBe(true);
    expect(await state.replays.firstSeen('dpop', 'issuer', 'id', clock.now() + 60)).toBe(false);
    const limiter = state.limiter('source', 1);
    expect([await limiter.take('a'), await limiter.take('a')]).toEqual([undefined, expect.any(Number)]);
    state.close();
  });

  it('is nowhere else while its Redis is away: windows refuse, budgets are local', async () => {
    const redis = { address: { kind: 'standalone', host: '127.0.0.1', port: 1 } as const };
    const state = createVolatileState({ clock, service: 'as-ro', shared: { redis, localShare: 0.5, keyPrefix: 'uma' } });
    await state.open();
    await expect(state.replays.firstSeen('dpop', 'issuer', 'id', clock.now() + 60)).rejects.toMatchObject({ status: 503, reason: 'replay_guard_unavailable' });
    const limiter = state.limiter('source', 4);
    expect([await limiter.take('a'), await limiter.take('a'), await limiter.take('a')]).toEqual([undefined, undefined, expect.any(Number)]);
    state.close();
  });
});
