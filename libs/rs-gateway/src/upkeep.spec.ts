import { describe, expect, it } from '@jest/globals';
import { createLogger } from '@uma-federation/nest-kit';
import { ManualTimers } from '../test/support/manual-timers.ts';
import { Upkeep } from './upkeep.ts';

describe('Upkeep', () => {
  const logger = createLogger({ name: 'test', level: 'silent' });
  const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

  it('tries again after growing pauses, up to 30 s, and then at its interval', async () => {
    const timers = new ManualTimers();
    let failing = true;
    let runs = 0;
    const run = async (): Promise<void> => {
      runs += 1;
      if (failing) throw new Error('not now');
    };
    const upkeep = new Upkeep({ name: 'task', intervalMs: 60_000, run }, { timers, logger });
    await upkeep.start();
    for (const pauseMs of [500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]) {
      const before = runs;
      timers.advance(pauseMs - 1);
      await settled();
      expect(runs).toBe(before);
      timers.advance(1);
      await settled();
      expect(runs).toBe(before + 1);
    }
    expect(upkeep.hasSucceeded).toBe(false);
    failing = false;
    timers.advance(30_000);
    await upkeep.succeeded;
    expect(upkeep.hasSucceeded).toBe(true);
    await settled();
    const before = runs;
    timers.advance(59_999);
    await settled();
    expect(runs).toBe(before);
    timers.advance(1);
    await settled();
    expect(runs).toBe(before + 1);
  });

  it('runs at once when it is hastened, once more soon after when it was running, and then at its interval', async () => {
    const timers = new ManualTimers();
    let runs = 0;
    const upkeep = new Upkeep({ name: 'task', intervalMs: 60_000, run: async () => void (runs += 1) }, { timers, logger });
    upkeep.hasten();
    expect(runs).toBe(0);
    await upkeep.start();
    upkeep.hasten();
    upkeep.hasten();
    expect(runs).toBe(2);
    await settled();
    upkeep.hasten();
    timers.advance(49);
    await settled();
    expect(runs).toBe(2);
    timers.advance(1);
    await settled();
    expect(runs).toBe(3);
    timers.advance(59_999);
    await settled();
    expect(runs).toBe(3);
    timers.advance(1);
    await settled();
    expect(runs).toBe(4);
    upkeep.stop();
    upkeep.hasten();
    await settled();
    expect(runs).toBe(4);
  });

  it('does nothing more when it was stopped, also in the middle of a run', async () => {
    const timers = new ManualTimers();
    let runs = 0;
    const upkeep = new Upkeep({ name: 'task', intervalMs: 1, run: async () => void (runs += 1) }, { timers, logger });
    const first = upkeep.start();
    upkeep.stop();
    await first;
    timers.advance(10);
    await settled();
    await upkeep.start();
    expect(runs).toBe(1);
  });
});
