import { describe, expect, it } from '@jest/globals';
import { LoopbackMap, assertNoLoopback } from './loopback-map.ts';

describe('LoopbackMap', () => {
  const map = new LoopbackMap({ addressMap: { 'acme.example': 'http://127.0.0.1:4100', 'globex.example': 'http://[::1]:4200/' } });

  it('sends https URLs of a mapped domain to its base, path and query untouched', () => {
    expect(map.rewrite(new URL('https://acme.example/.well-known/webfinger?resource=acct%3Aa%40b')).href).toBe(
      'http://127.0.0.1:4100/.well-known/webfinger?resource=acct%3Aa%40b',
    );
    expect(map.rewrite(new URL('https://globex.example/')).href).toBe('http://[::1]:4200/');
  });

  it('leaves other hosts, sub-domains, other ports and other schemes alone', () => {
    for (const url of ['https://other.example/', 'https://sub.acme.example/', 'https://acme.example:8443/', 'http://acme.example/']) {
      expect(map.rewrite(new URL(url)).href).toBe(url);
    }
  });

  it.each(['http://10.0.0.1:4100', 'http://bar.example', 'https://127.0.0.2', 'http://127.0.0.1:4100/path', 'http://u@127.0.0.1:4100', 'ftp://127.0.0.1', 'nonsense', ''])(
    'is not constructed with the base %s',
    (base) => {
      expect(() => new LoopbackMap({ addressMap: { 'acme.example': base } })).toThrow('acme.example');
    },
  );

  it.each(['ACME.example', 'acme', 'acme.example.', 'bücher.example', '127.0.0.1'])('is not constructed with the domain %s', (domain) => {
    expect(() => new LoopbackMap({ addressMap: { [domain]: 'http://127.0.0.1:4100' } })).toThrow('A-label');
  });
});

describe('assertNoLoopback', () => {
  it('refuses the setting in a production configuration, an empty map too', () => {
    expect(() => assertNoLoopback({ loopback: { addressMap: {} } })).toThrow('development');
    expect(() => assertNoLoopback({})).not.toThrow();
  });
});
