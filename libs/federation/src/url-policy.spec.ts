import { describe, expect, it } from '@jest/globals';
import { DiscoveryFailure } from '@uma-federation/uma-core';
import { STRICT_URL_POLICY, checkStrangerUrl, type UrlPolicy } from './url-policy.ts';

const LOOPBACK: UrlPolicy = { allowedPorts: [443], allowLoopback: true };

function reasonOf(url: string, policy = STRICT_URL_POLICY): string {
  try {
    return `accepted ${checkStrangerUrl(url, policy).href}`;
  } catch (error) {
    return error instanceof DiscoveryFailure ? error.reason : String(error);
  }
}

describe('A37 SSRF through iss and jwks_uri', () => {
  it.each([
    ['url_scheme', ['http://bar.example/', 'file:///etc/passwd', 'gopher://bar.example/', 'ftp://bar.example/', 'data:application/json,{}', 'javascript:1', 'blob:https://bar.example/1']],
    ['url_port', ['https://bar.example:22/', 'https://bar.example:6379/', 'https://bar.example:8443/', 'https://bar.example:80/', 'https://bar.example:0/']],
    ['url_ip_literal', ['https://127.0.0.1/', 'https://8.8.8.8/', 'https://2130706433/', 'https://0x7f000001/', 'https://0x7f.1/', 'https://0177.0.0.1/', 'https://127.1/', 'https://127.0.0.1./', 'https://[::1]/', 'https://[::ffff:127.0.0.1]/', 'https://[::7f00:1]/', 'https://%31%32%37.0.0.1/']],
    ['url_host', ['https://localhost/', 'https://LOCALHOST/', 'https://foo.localhost/', 'https://metadata.google.internal/', 'https://printer.local/', 'https://as-ro/', 'https://router.home.arpa/', 'https://7.0.0.127.in-addr.arpa/', 'https://kubernetes.default.svc.cluster.local/', 'https://bar.example./', 'https://foo_bar.example/', 'https://x.onion/']],
    ['url_userinfo', ['https://bar.example@evil.example/', 'https://user:pw@bar.example/', 'https://@bar.example/', 'https://:@bar.example/']],
    ['url_fragment', ['https://bar.example/#x', 'https://bar.example/#']],
    ['url_malformed', ['', 'bar.example', '/relative', 'https://', 'https://[bar/', 'https://bar.example/ x', 'https://bar.example\\@evil.example/', 'https:\\\\bar.example/', 'https://bar.example/\n', '\thttps://bar.example/', 'https://bаr.example/', `https://bar.example/${'x'.repeat(2048)}`]],
  ])('refuses with %s', (reason, urls) => {
    expect(urls.map((url) => [url, reasonOf(url)])).toEqual(urls.map((url) => [url, reason]));
  });

  it('accepts https on port 443 of a DNS name, and other ports only from its list', () => {
    expect(reasonOf('https://bar.example/jwks?x=1')).toBe('accepted https://bar.example/jwks?x=1');
    expect(reasonOf('https://bar.example:443/')).toBe('accepted https://bar.example/');
    expect(reasonOf('https://bar.example:8443/', { allowedPorts: [443, 8443], allowLoopback: false })).toBe('accepted https://bar.example:8443/');
  });

  it('accepts loopback URLs under the development setting and relaxes nothing else', () => {
    expect(['http://127.0.0.1:4120/x', 'http://[::1]:4120/x', 'http://localhost:4120/x'].map((url) => reasonOf(url, LOOPBACK))).toEqual([
      'accepted http://127.0.0.1:4120/x',
      'accepted http://[::1]:4120/x',
      'accepted http://localhost:4120/x',
    ]);
    expect(['http://127.0.0.2/', 'http://10.0.0.1/', 'http://bar.example/', 'https://10.0.0.1/', 'ftp://localhost/', 'https://bar.example:6379/', 'http://x.localhost/'].map((url) => reasonOf(url, LOOPBACK))).toEqual([
      'url_scheme',
      'url_scheme',
      'url_scheme',
      'url_ip_literal',
      'url_scheme',
      'url_port',
      'url_scheme',
    ]);
    expect(reasonOf('http://user@127.0.0.1:4120/', LOOPBACK)).toBe('url_userinfo');
  });
});
