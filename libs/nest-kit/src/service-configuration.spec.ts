import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { loadConfiguration } from './load-configuration.ts';
import { metricsConfiguration } from './service-configuration.ts';

describe('the setting "metrics"', () => {
  const schema = z.strictObject({ metrics: metricsConfiguration() });
  const load = (environment: Record<string, string>) => loadConfiguration(schema, { environment, prefix: 'AS_RO' }).metrics;

  it('is off unless it is there', () => {
    expect(load({})).toBeUndefined();
  });

  it('can be turned on by one variable', () => {
    expect(load({ AS_RO__METRICS: '{}' })).toEqual({ host: '0.0.0.0', port: 9464 });
    expect(load({ AS_RO__METRICS__PORT: '0' })).toEqual({ host: '0.0.0.0', port: 0 });
  });

  it('refuses what it does not know', () => {
    expect(() => load({ AS_RO__METRICS__PATH: '/' })).toThrow(/metrics/);
  });
});
