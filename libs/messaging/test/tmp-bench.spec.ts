import { it } from '@jest/globals';
import { startTestRedis } from '@uma-federation/testing';
import { RedisStreamsClient, RedisStreamsServer } from '../src/index.ts';
import { redisAt } from './redis-address.ts';
it('bench', async () => {
  const redis = await startTestRedis(); if (!redis) return;
  const o = { redis: redisAt(redis.url), service: 's' };
  const s = new RedisStreamsServer(o); s.addHandler('w', async (d) => d); await s.listen(() => undefined);
  const c = new RedisStreamsClient({ ...o, timeoutMs: 10000 });
  await c.request('w', 1);
  const lat: number[] = [];
  for (let i = 0; i < 200; i++) { const t = performance.now(); await c.request('w', 1); lat.push(performance.now() - t); }
  lat.sort((a, b) => a - b);
  for (const conc of [64]) for (let r = 0; r < 3; r++) {
    const t = performance.now(); const cpu = process.cpuUsage(); let n = 0;
    await Promise.all(Array.from({ length: conc }, async () => { while (performance.now() - t < 3000) { await c.request('w', 1); n++; } }));
    const u = process.cpuUsage(cpu);
    console.log(conc, 'rps', Math.round(n / 3), 'per own CPU-s', Math.round(n / ((u.user + u.system) / 1e6)), 'p50', lat[100], 'p99', lat[198]);
  }
  await c.close(); await s.close(); await redis.stop();
}, 60000);
