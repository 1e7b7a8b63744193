import { beforeEach, describe, expect, it } from '@jest/globals';
import { DiscoveryFailure } from '@uma-federation/uma-core';
import { StandingClock } from '../test/fakes.ts';
import { DiscoveryBudget } from './discovery-budget.ts';

describe('A46 discovery amplification: the budget', () => {
  let clock: StandingClock;
  let budget: DiscoveryBudget;
  beforeEach(() => {
    clock = new StandingClock();
    budget = new DiscoveryBudget(clock, { global: { burst: 10, perMinute: 60 }, perCaller: { burst: 3, perMinute: 6 } });
  });
  const granted = (caller: string | undefined, attempts: number): number => {
    let count = 0;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      try {
        budget.take(caller);
        count += 1;
      } catch (error) {
        if (!(error instanceof DiscoveryFailure) || error.reason !== 'discovery_budget') throw error;
      }
    }
    return count;
  };

  it('lets a caller have its burst, then its rate', () => {
    expect(granted('mallory', 100)).toBe(3);
    clock.advance(9);
    expect(granted('mallory', 100)).toBe(0);
    clock.advance(1);
    expect(granted('mallory', 100)).toBe(1);
    clock.advance(3600);
    expect(granted('mallory', 100)).toBe(3);
  });

  it('does not charge everybody for what it refuses to one', () => {
    granted('mallory', 1000);
    expect(granted('bob', 3)).toBe(3);
    expect(granted(undefined, 100)).toBe(4);
  });

  it('bounds all callers together', () => {
    const total = Array.from({ length: 100 }, (_, index) => granted(`caller-${index}`, 3)).reduce((sum, count) => sum + count, 0);
    expect(total).toBe(10);
    clock.advance(5);
    expect(granted(undefined, 100)).toBe(5);
  });

  it('survives a clock that is set back', () => {
    granted(undefined, 10);
    clock.advance(-3600);
    expect(granted(undefined, 1)).toBe(0);
    clock.advance(2);
    expect(granted(undefined, 100)).toBe(2);
  });
});
