import { describe, expect, it } from '@jest/globals';
import { authorizationServerMetadata } from './metadata.ts';
import { wellKnownPaths } from './well-known-paths.ts';

const PARTS = { issuer: 'https://as.example', tokenEndpoint: 'https://as.example/token', jwksUri: 'https://as.example/jwks', grantTypes: ['g'], tokenEndpointAuthenticationMethods: ['none'] };

describe('authorizationServerMetadata', () => {
  it('uses the names of RFC 8414 and of the other specifications', () => {
    const document = authorizationServerMetadata({
      ...PARTS, introspectionEndpoint: 'https://as.example/introspect', dpopAlgorithms: ['ES256'], acrValues: ['gold'], codeChallengeMethods: ['S256'], scopes: ['openid'],
      responseTypes: ['code'], extensions: { permission_endpoint: 'https://as.example/permission', require_x: false },
    });
    expect(document).toEqual({
      issuer: PARTS.issuer, token_endpoint: PARTS.tokenEndpoint, jwks_uri: PARTS.jwksUri, grant_types_supported: ['g'], token_endpoint_auth_methods_supported: ['none'],
      introspection_endpoint: 'https://as.example/introspect', dpop_signing_alg_values_supported: ['ES256'], acr_values_supported: ['gold'],
      code_challenge_methods_supported: ['S256'], scopes_supported: ['openid'], response_types_supported: ['code'],
      permission_endpoint: 'https://as.example/permission', require_x: false,
    });
  });

  it('leaves out lists without elements and absent members (RFC 8414 3.2)', () => {
    const document = authorizationServerMetadata({ ...PARTS, scopes: [], responseTypes: [], extensions: { uma_profiles_supported: [] } });
    expect(Object.keys(document).sort()).toEqual(['grant_types_supported', 'issuer', 'jwks_uri', 'token_endpoint', 'token_endpoint_auth_methods_supported']);
  });
});

describe('wellKnownPaths', () => {
  it.each<[string, string[]]>([
    ['https://as.example', ['/.well-known/uma2-configuration']],
    ['https://as.example/', ['/.well-known/uma2-configuration']],
    ['https://as.example/tenant1', ['/.well-known/uma2-configuration/tenant1', '/tenant1/.well-known/uma2-configuration']],
    ['https://as.example/a/b/', ['/.well-known/uma2-configuration/a/b', '/a/b/.well-known/uma2-configuration']],
  ])('inserts and appends for %s', (issuer, paths) => {
    expect(wellKnownPaths(issuer, 'uma2-configuration')).toEqual(paths);
  });

  it('refuses a path that a router would read as a pattern', () => {
    expect(() => wellKnownPaths('https://as.example/:id/*', 'x')).toThrow(TypeError);
  });
});
