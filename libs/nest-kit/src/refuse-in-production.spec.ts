import { describe, expect, it } from '@jest/globals';
import { refuseInProduction } from './refuse-in-production.ts';

const production = { NODE_ENV: 'production' };

describe('refuseInProduction', () => {
  it.each<[string, unknown]>([
    ['a switch that is on', true],
    ['plain http', 'http://as.example'],
    ['https on loopback', 'https://127.0.0.1:4110'],
    ['localhost', 'https://localhost/x'],
    ['IPv6 loopback', 'https://[::1]/'],
    ['a URL object', new URL('http://as.example')],
    ['a map with such a value', { 'acme.example': 'http://127.0.0.1:4100' }],
    ['a list with such a value', ['https://as.example', 'http://as.example']],
  ])('refuses %s by name', (_what, value) => {
    expect(() => refuseInProduction(production, { 'discovery.setting': value })).toThrow('discovery.setting');
  });

  it.each<[string, unknown]>([
    ['a switch that is off', false],
    ['https', 'https://as.example'],
    ['nothing', undefined],
    ['an empty map', {}],
  ])('accepts %s', (_what, value) => {
    expect(() => refuseInProduction(production, { setting: value })).not.toThrow();
  });

  it('accepts everything outside production', () => {
    expect(() => refuseInProduction({}, { issuer: 'http://127.0.0.1:4110', allowLoopback: true })).not.toThrow();
  });
});
