import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Turnstile } from './turnstile.ts';

describe('Turnstile', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('lets in as many as there are places, then the one who has waited longest', async () => {
    const turnstile = new Turnstile(2, 1000);
    const order: string[] = [];
    const enter = (name: string) => turnstile.enter().then(() => order.push(name));
    const all = ['a', 'b', 'c', 'd'].map(enter);
    await Promise.all(all.slice(0, 2));
    expect(order).toEqual(['a', 'b']);
    turnstile.leave();
    turnstile.leave();
    await Promise.all(all);
    expect(order).toEqual(['a', 'b', 'c', 'd']);
  });

  it('sends away who has waited too long, and gives the place to the next in line', async () => {
    const turnstile = new Turnstile(1, 1000);
    await turnstile.enter();
    const late = expect(turnstile.enter()).rejects.toMatchObject({ code: 'timeout_pool_wait' });
    jest.advanceTimersByTime(999);
    const patient = turnstile.enter();
    jest.advanceTimersByTime(1);
    await late;
    turnstile.leave();
    await patient;
    turnstile.leave();
    await turnstile.enter();
  });
});
