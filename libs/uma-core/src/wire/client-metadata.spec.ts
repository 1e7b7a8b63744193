import { describe, expect, it } from '@jest/globals';
import { parseStrictJson } from '../tokens/strict-json.ts';
import { clientMetadataAnswer, readClientMetadata } from './client-metadata.ts';

const KEY = { kty: 'OKP', crv: 'Ed25519', x: 'EfJCS7Ak6mEhlxkLHaXzcez7snaC99KR_bdCgISSoJo', kid: 'a' };
const fault = (json: unknown): unknown => {
  try {
    readClientMetadata(json);
    return undefined;
  } catch (error) {
    return (error as { error?: string }).error;
  }
};

describe('client metadata (RFC 7591 2)', () => {
  it('comes back as it was given, but for members that are not known', () => {
    const given = {
      redirect_uris: ['https://app.example/callback'],
      claims_redirect_uris: ['https://app.example/claims?a=1&b=%20'],
      token_endpoint_auth_method: 'private_key_jwt',
      grant_types: ['urn:ietf:params:oauth:grant-type:uma-ticket'],
      scope: 'view edit',
      client_name: 'Notes',
      'client_name#ja-Jpan-JP': 'ノート',
      client_uri: 'https://app.example/',
      logo_uri: 'https://app.example/logo.png',
      'tos_uri#de': 'https://app.example/agb',
      tos_uri: 'https://app.example/tos',
      policy_uri: 'https://app.example/policy',
      contacts: ['ops@app.example'],
      jwks: { keys: [KEY] },
      software_id: '4NRB1-0XZABZI9E6-5SM3R',
      software_version: '2.1',
      dpop_bound_access_tokens: true,
    };
    const answer = clientMetadataAnswer(readClientMetadata({ ...given, response_types: ['code'], favourite_colour: 'blue', 'favourite#de': 'x' }));
    expect(answer).toEqual({ ...given, response_types: [] });
  });

  it('takes claims_redirect_uris, whose queries stay as they are [G3, G15]', () => {
    const claims_redirect_uris = ['https://app.example/cb?x=%7E&y=a+b', 'http://127.0.0.1:7777/cb', 'http://[::1]/cb'];
    expect(readClientMetadata({ claims_redirect_uris })).toMatchObject({ claimsRedirectUris: claims_redirect_uris, redirectUris: [] });
  });

  it('does not make claims redirection URIs of plain redirection URIs [G17]', () => {
    expect(readClientMetadata({ redirect_uris: ['https://app.example/cb'] }).claimsRedirectUris).toEqual([]);
  });

  it.each(['com.example.app:/callback', 'com.example.app://callback'])('takes %s of a native application, which is public, and of no other', (uri) => {
    expect(fault({ token_endpoint_auth_method: 'none', claims_redirect_uris: [uri] })).toBeUndefined();
    expect(fault({ token_endpoint_auth_method: 'client_secret_basic', claims_redirect_uris: [uri] })).toBe('invalid_redirect_uri');
    expect(fault({ claims_redirect_uris: [uri] })).toBe('invalid_redirect_uri');
  });

  it.each([
    '/callback', 'callback', '//app.example/callback', '', 'https://', 'https:///callback', 'https:app.example', 'https://app.example/#', 'https://app.example/cb#top',
    'https://user@app.example/', 'https://user:pw@app.example/', 'http://app.example/cb', 'http://10.0.0.1/cb', 'http://localhost.example/', 'javascript:alert(1)',
    'data:text/html,x', 'myapp:/callback', 'file:///etc/passwd', 'https://app.example/ x', 'https://app.example/\r\nX: y', 'https://app.example\\@evil.example/', 'https://app.example/"><script>', 'https://äpp.example/',
  ])('takes %p as no redirection URI of either kind [G13, G14]', (uri) => {
    for (const member of ['redirect_uris', 'claims_redirect_uris']) {
      expect([member, fault({ token_endpoint_auth_method: 'none', [member]: ['https://app.example/cb', uri] })]).toEqual([member, 'invalid_redirect_uri']);
    }
  });

  it.each<[string, object]>([
    ['redirection URIs that are no list', { redirect_uris: 'https://app.example/cb' }],
    ['too many of them', { claims_redirect_uris: Array.from({ length: 21 }, (_, index) => `https://app.example/${index}`) }],
    ['one that is too long', { claims_redirect_uris: [`https://app.example/${'x'.repeat(2048)}`] }],
  ])('refuses %s with invalid_redirect_uri', (_what, json) => {
    expect(fault(json)).toBe('invalid_redirect_uri');
  });

  it.each<[string, unknown]>([
    ['no object', []],
    ['null', null],
    ['an unknown method', { token_endpoint_auth_method: 'client_secret_jwt' }],
    ['a name with line breaks', { client_name: 'Notes\r\nX-Evil: 1' }],
    ['a name without end', { client_name: 'x'.repeat(201) }],
    ['a page that is a script', { client_uri: 'javascript:alert(1)' }],
    ['a logo in an attribute', { logo_uri: 'https://app.example/"onerror="x' }],
    ['a name in another language that is none', { 'client_name#de': 7 }],
    ['a page in another language that is a script', { 'tos_uri#de': 'javascript:alert(1)' }],
    ['names in too many languages', Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`client_name#x-${index}`, 'x']))],
    ['keys in two ways', { jwks: { keys: [KEY] }, jwks_uri: 'https://app.example/jwks' }],
    ['a private key', { jwks: { keys: [{ ...KEY, d: 'AAAA' }] } }],
    ['a symmetric key', { jwks: { keys: [{ kty: 'oct', k: 'AAAA' }] } }],
    ['assertions without keys', { token_endpoint_auth_method: 'private_key_jwt' }],
    ['a certificate without a name', { token_endpoint_auth_method: 'tls_client_auth' }],
    ['a certificate with two names', { token_endpoint_auth_method: 'tls_client_auth', tls_client_auth_san_dns: 'a.example', tls_client_auth_san_uri: 'spiffe://a.example' }],
    ['a scope that is none', { scope: 'a"b' }],
    ['too many scopes', { scope: Array.from({ length: 51 }, (_, index) => `s${index}`).join(' ') }],
    ['scopes as a list', { scope: ['view'] }],
    ['a truth that is a text', { dpop_bound_access_tokens: 'true' }],
    ['contacts without end', { contacts: Array(11).fill('x') }],
  ])('refuses %s with invalid_client_metadata', (_what, json) => {
    expect(fault(json)).toBe('invalid_client_metadata');
  });

  it('refuses software statements, whose issuers nobody here knows', () => {
    expect(fault({ software_statement: 'eyJ.eyJ.x' })).toBe('unapproved_software_statement');
  });

  it('A69 takes constructor and prototype for the unknown members that they are, and __proto__ not at all', () => {
    const read = readClientMetadata(parseStrictJson('{"constructor":{"prototype":{"grantTypes":["x"]}},"prototype":{"x":1},"hasOwnProperty":1,"client_name#constructor":"x"}'));
    expect([read.grantTypes, read.localized, ({} as Record<string, unknown>)['grantTypes']]).toEqual([undefined, { 'client_name#constructor': 'x' }, undefined]);
    expect(() => parseStrictJson('{"__proto__":{"grant_types":["client_credentials"]}}')).toThrow(SyntaxError);
  });
});
