import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Readiness } from './readiness.ts';

describe('Readiness', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('is ready without checks', async () => {
    expect(await new Readiness().report()).toEqual({ ready: true, draining: false, checks: {} });
  });

  it('is ready only while every check says yes', async () => {
    const readiness = new Readiness();
    readiness.add({ name: 'postgres', deadlineMs: 1000, check: async () => 1 });
    expect((await readiness.report()).ready).toBe(true);
    readiness.add({ name: 'redis', deadlineMs: 1000, check: async () => Promise.reject(new Error('down')) });
    expect(await readiness.report()).toEqual({ ready: false, draining: false, checks: { postgres: 'up', redis: 'down' } });
    expect(jest.getTimerCount()).toBe(0);
  });

  it('counts a check that throws as no', async () => {
    const readiness = new Readiness();
    readiness.add({ name: 'broken', deadlineMs: 1000, check: () => { throw new Error('bug'); } });
    expect((await readiness.report()).checks).toEqual({ broken: 'down' });
  });

  it('does not wait longer than the deadline of a check', async () => {
    const readiness = new Readiness();
    readiness.add({ name: 'hanging', deadlineMs: 500, check: async () => new Promise(() => undefined) });
    const report = readiness.report();
    await jest.advanceTimersByTimeAsync(500);
    expect((await report).checks).toEqual({ hanging: 'down' });
  });

  it('is not ready while draining, whatever its checks say', async () => {
    const readiness = new Readiness();
    readiness.drain();
    expect(await readiness.report()).toMatchObject({ ready: false, draining: true });
  });
});
