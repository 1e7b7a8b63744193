import { describe, expect, it } from '@jest/globals';
import { readConfig } from './config.ts';
import type { IdentityProviderConfig } from './config.ts';

const EXAMPLE: IdentityProviderConfig = {
  issuer: 'http://127.0.0.1:4140',
  host: '127.0.0.1',
  port: 4140,
  people: [{ email: 'bob@globex.example', password: 'a secret password' }],
  clients: [{ clientId: 'web', clientSecret: 'secret', redirectUris: ['http://127.0.0.1:4110/callback'] }],
  accessTokenAudience: 'http://127.0.0.1:4120',
  introspectionClients: [{ clientId: 'as-rqp', clientSecret: 'secret' }],
  cookieKeys: ['a cookie key of sixteen'],
};

describe('the configuration of the identity provider', () => {
  it('fills in the defaults', () => {
    const config = readConfig(EXAMPLE);
    expect(config.people[0]).toMatchObject({ oneTimeCode: '000000', claims: {} });
    expect(config.clients[0]).toMatchObject({ public: false, tokenEndpointAuthMethod: 'client_secret_basic' });
    expect(config.accessTokenLifetimeSeconds).toBe(900);
  });

  it.each(['https://idp.globex.example', 'http://localhost:4140', 'http://[::1]:4140'])('takes %s for an issuer', (issuer) => {
    expect(readConfig({ ...EXAMPLE, issuer }).issuer).toBe(issuer);
  });

  it.each(['http://idp.globex.example', 'https://idp.globex.example/', 'https://idp.globex.example/path', 'ftp://127.0.0.1', 'not a url'])(
    'refuses %s for an issuer',
    (issuer) => {
      expect(() => readConfig({ ...EXAMPLE, issuer })).toThrow(/issuer: must be an origin/);
    },
  );

  const [person] = EXAMPLE.people;
  const [client] = EXAMPLE.clients;
  it.each<[string, object, RegExp]>([
    ['an unknown member', { peopl: [] }, /peopl/],
    ['two people with one address', { people: [person, { ...person, email: 'BOB@globex.example' }] }, /people: two people/],
    ['two clients with one id', { clients: [client, client] }, /clients: two clients/],
    ['a confidential client without a secret', { clients: [{ clientId: 'web', redirectUris: [] }] }, /a confidential client has a secret/],
    ['a public client with a secret', { clients: [{ ...client, public: true }] }, /a public one has none/],
    ['a claim that belongs to the protocol', { people: [{ ...person, claims: { acr: 'mine' } }] }, /people\.0\.claims/],
    ['a public key among the private ones', { keys: { keys: [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y' }] } }, /keys\.keys\.0/],
    ['another secret for the same client', { introspectionClients: [{ clientId: 'web', clientSecret: 'other' }] }, /must have the same secret/],
  ])('refuses %s, and keeps secrets out of the message', (_case, changes, message) => {
    const read = (): unknown => readConfig({ ...EXAMPLE, ...changes });
    expect(read).toThrow(message);
    expect(read).not.toThrow(/a secret password|cookie key/);
  });
});
