import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { DurationHistogram } from './duration-histogram.ts';

describe('DurationHistogram', () => {
  it('is written as Prometheus reads it: cumulative buckets with inclusive bounds, sum and count', async () => {
    const registry = new Registry();
    const series = new DurationHistogram({ name: 'x_seconds', help: 'X.', boundsSeconds: [0.1, 1], registry }).series({ route: '/a' });
    for (const seconds of [0.0625, 0.1, 0.5, 2]) series.observe(seconds);
    expect(await registry.metrics()).toBe(
      [
        '# HELP x_seconds X.',
        '# TYPE x_seconds histogram',
        'x_seconds_bucket{le="0.1",route="/a"} 2',
        'x_seconds_bucket{le="1",route="/a"} 3',
        'x_seconds_bucket{le="+Inf",route="/a"} 4',
        'x_seconds_sum{route="/a"} 2.6625',
        'x_seconds_count{route="/a"} 4',
        '',
      ].join('\n'),
    );
  });
});
