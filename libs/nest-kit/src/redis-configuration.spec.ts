import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { redisConfiguration, sharedRedis } from './redis-configuration.ts';

const settings = z.strictObject({ redis: redisConfiguration().optional() });
const shared = (redis?: object) => sharedRedis(settings.parse({ redis }));

describe('the setting "redis"', () => {
  it('may be absent', () => {
    expect(shared()).toBeUndefined();
  });

  it('has a default for all but the address', () => {
    expect(shared({ address: { kind: 'standalone', host: 'redis' } })).toEqual({
      redis: { address: { kind: 'standalone', host: 'redis', port: 6379 }, connectTimeoutMs: 300, commandTimeoutMs: 500 },
      keyPrefix: 'uma',
      localShare: 0.5,
    });
  });

  it('reveals its passwords to the connection only', () => {
    const redis = { address: { kind: 'sentinel', sentinels: [{ host: 's' }], primaryName: 'p', sentinelPassword: 'one' }, password: 'two', tls: {} };
    expect(JSON.stringify(settings.parse({ redis }))).not.toMatch(/one|two/);
    expect(shared(redis)?.redis).toMatchObject({ address: { sentinels: [{ host: 's', port: 6379 }], sentinelPassword: 'one' }, password: 'two', tls: {} });
  });

  it.each([
    [{}],
    [{ address: { kind: 'standalone' } }],
    [{ address: { kind: 'standalone', host: 'redis', sentinels: [] } }],
    [{ address: { kind: 'cluster', nodes: [] } }],
    [{ address: { kind: 'standalone', host: 'redis' }, localShare: 0 }],
    [{ address: { kind: 'standalone', host: 'redis' }, keyPrefix: 'a:b' }],
  ])('is refused as %j', (redis) => {
    expect(settings.safeParse({ redis }).success).toBe(false);
  });
});
