import { describe, expect, it } from '@jest/globals';
import { describeReplayGuard, FakeClock } from '@uma-federation/testing';
import { MemoryReplayGuard } from './memory-replay-guard.ts';

describeReplayGuard('memory', async () => {
  const clock = new FakeClock();
  return {
    replicas: [new MemoryReplayGuard(clock)],
    now: () => clock.now(),
    advance: (seconds) => clock.advance(seconds),
    dispose: async () => undefined,
  };
});

describe('MemoryReplayGuard at capacity', () => {
  const full = async (clock: FakeClock): Promise<MemoryReplayGuard> => {
    const guard = new MemoryReplayGuard(clock, { capacity: 3 });
    for (const [id, seconds] of [['a', 10], ['b', 20], ['c', 20]] as const) expect(await guard.firstSeen('dpop', 'issuer', id, clock.now() + seconds)).toBe(true);
    return guard;
  };

  it('refuses new identifiers with 503 rather than forget one whose window is open', async () => {
    const clock = new FakeClock();
    const guard = await full(clock);
    await expect(guard.firstSeen('dpop', 'issuer', 'd', clock.now() + 10)).rejects.toMatchObject({ status: 503, reason: 'replay_guard_full' });
    for (const id of ['a', 'b', 'c']) expect(await guard.firstSeen('dpop', 'issuer', id, clock.now() + 20)).toBe(false);
  });

  it('takes new ones again as windows end, and only as many', async () => {
    const clock = new FakeClock();
    const guard = await full(clock);
    clock.advance(10);
    expect(await guard.firstSeen('dpop', 'issuer', 'd', clock.now() + 10)).toBe(true);
    await expect(guard.firstSeen('dpop', 'issuer', 'e', clock.now() + 10)).rejects.toMatchObject({ status: 503 });
    clock.advance(10);
    for (const id of ['e', 'f', 'g']) expect(await guard.firstSeen('dpop', 'issuer', id, clock.now() + 10)).toBe(true);
  });

  it('lets nothing through twice when the clock is set back', async () => {
    const clock = new FakeClock();
    const guard = await full(clock);
    const windowOfA = clock.now() + 10;
    clock.advance(15);
    expect(await guard.firstSeen('dpop', 'issuer', 'd', clock.now() + 10)).toBe(true);
    clock.advance(-15);
    for (const id of ['a', 'b', 'c', 'd']) expect(await guard.firstSeen('dpop', 'issuer', id, windowOfA)).toBe(false);
  });
});
