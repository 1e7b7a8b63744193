import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '@uma-federation/nest-kit';
import { fixedKeys, publicJwk } from '@uma-federation/testing';
import { inspect } from 'node:util';
import { clientConfiguration } from './client-configuration.ts';
import { hashClientSecret } from './client-secret.ts';
import { StaticClientRegistry } from './static-client-registry.ts';

const SECRET = 'x'.repeat(43);
const parse = (client: object) => clientConfiguration().parse(client);

describe('StaticClientRegistry', () => {
  it('knows a client by its id and keeps only the hash of its secret', async () => {
    const registry = await StaticClientRegistry.fromConfiguration([parse({ clientId: 'rs', clientSecret: SECRET, scopes: ['uma_protection'] })]);
    const client = await registry.find('rs');
    expect(client).toMatchObject({ clientId: 'rs', secretHash: hashClientSecret(SECRET), scopes: ['uma_protection'], grantTypes: [], requireResource: false });
    expect(inspect([registry, client], { depth: 9, showHidden: true })).not.toContain(SECRET);
    expect(await registry.find('RS')).toBeUndefined();
    expect(await registry.find('__proto__')).toBeUndefined();
  });

  it('takes a hash as it is, and knows public clients by having none', async () => {
    const hash = hashClientSecret(SECRET);
    const registry = await StaticClientRegistry.fromConfiguration([parse({ clientId: 'a', clientSecretHash: hash }), parse({ clientId: 'b', public: true })]);
    expect((await registry.find('a'))?.secretHash).toBe(hash);
    expect((await registry.find('b'))?.secretHash).toBeUndefined();
  });

  it('keeps what makes a client a resource server', async () => {
    const resourceServer = { identifier: 'https://rs.acme.example', baseUris: ['https://rs.acme.example/notes'], defaultOwner: 'office@acme.example' };
    const registry = await StaticClientRegistry.fromConfiguration([parse({ clientId: 'rs', clientSecret: SECRET, resourceServer })]);
    expect((await registry.find('rs'))?.resourceServer).toEqual(resourceServer);
  });

  it('gives a client with keys or a certificate the one method that goes with it', async () => {
    const jwks = { keys: [publicJwk(fixedKeys.dpop)] };
    const registry = await StaticClientRegistry.fromConfiguration([
      parse({ clientId: 'a', jwks }),
      parse({ clientId: 'b', jwksUri: 'https://b.example/jwks' }),
      parse({ clientId: 'c', tlsClientAuth: { sanDns: 'c.example' } }),
    ]);
    expect(await registry.find('a')).toMatchObject({ authenticationMethod: 'private_key_jwt', keys: { jwks }, secretHash: undefined });
    expect(await registry.find('b')).toMatchObject({ authenticationMethod: 'private_key_jwt', keys: { jwksUri: 'https://b.example/jwks' } });
    expect(await registry.find('c')).toMatchObject({ authenticationMethod: 'tls_client_auth', certificate: { sanDns: 'c.example' } });
  });

  it.each([
    ['that are private', [{ ...fixedKeys.dpop }]],
    ['that are too small', [publicJwk(fixedKeys.rsa1024)]],
    ['without kid', [{ ...publicJwk(fixedKeys.dpop), kid: undefined }]],
  ])('refuses a client whose only keys are ones %s', async (_what, keys) => {
    const client = parse({ clientId: 'a', jwks: { keys: JSON.parse(JSON.stringify(keys)) as object[] } });
    await expect(StaticClientRegistry.fromConfiguration([client])).rejects.toThrow('no public key');
  });

  it('refuses two clients with one id', async () => {
    const client = parse({ clientId: 'a', public: true });
    await expect(StaticClientRegistry.fromConfiguration([client, client])).rejects.toThrow(ConfigurationError);
  });

  it.each<[string, object]>([
    ['neither a secret nor public', { clientId: 'a' }],
    ['a secret and public', { clientId: 'a', clientSecret: SECRET, public: true }],
    ['a secret and a hash', { clientId: 'a', clientSecret: SECRET, clientSecretHash: 'A'.repeat(43) }],
    ['a short secret', { clientId: 'a', clientSecret: 'x'.repeat(31) }],
    ['a hash that is none', { clientId: 'a', clientSecretHash: 'A'.repeat(42) }],
    ['an id that reads like a person', { clientId: 'bob@globex.example', public: true }],
    ['a secret and keys', { clientId: 'a', clientSecret: SECRET, jwksUri: 'https://a.example/jwks' }],
    ['keys in two ways', { clientId: 'a', jwks: { keys: [publicJwk(fixedKeys.dpop)] }, jwksUri: 'https://a.example/jwks' }],
    ['public and a certificate', { clientId: 'a', public: true, tlsClientAuth: { sanDns: 'a.example' } }],
    ['two names in a certificate', { clientId: 'a', tlsClientAuth: { sanDns: 'a.example', sanUri: 'spiffe://a.example' } }],
    ['a wildcard in a certificate', { clientId: 'a', tlsClientAuth: { sanDns: '*.example' } }],
    ['a claims redirect URI that is not absolute [G13]', { clientId: 'a', public: true, claimsRedirectUris: ['/callback'] }],
    ['a claims redirect URI with a fragment [G14]', { clientId: 'a', public: true, claimsRedirectUris: ['https://a.example/#'] }],
    ['an id with a space', { clientId: 'a b', public: true }],
    ['a scope with a space', { clientId: 'a', public: true, scopes: ['a b'] }],
    ['an unknown member', { clientId: 'a', public: true, clientScret: 'x' }],
    ['a base URI with a query', { clientId: 'a', public: true, resourceServer: { identifier: 'https://a.example', baseUris: ['https://a.example/?x'] } }],
    ['a resource identifier with a fragment', { clientId: 'a', public: true, resourceServer: { identifier: 'https://a.example/#x', baseUris: ['https://a.example'] } }],
    ['an owner that is no canonical address', { clientId: 'a', public: true, resourceServer: { identifier: 'https://a.example', baseUris: ['https://a.example'], defaultOwner: 'Office@ACME.example' } }],
  ])('refuses %s', (_what, client) => {
    expect(clientConfiguration().safeParse(client).success).toBe(false);
  });
});
