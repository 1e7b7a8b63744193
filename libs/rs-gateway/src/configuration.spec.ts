import { describe, expect, it } from '@jest/globals';
import { ConfigurationError, refuseInProduction } from '@uma-federation/nest-kit';
import { developmentSettings, rsGatewayConfiguration } from './configuration.ts';

const minimal = {
  publicUrl: 'https://rs.acme.example',
  authorizationServer: { issuer: 'https://as.acme.example', clientId: 'rs', clientSecret: 'secret' },
  upstream: { origin: 'http://api:8080' },
  routes: [{ id: 'all', path: '/public/{rest*}', public: true }],
};
const problems = (settings: object): string[] => (rsGatewayConfiguration.safeParse({ ...minimal, ...settings }).error?.issues ?? []).map(({ path }) => path.join('.'));

describe('The configuration of the gateway', () => {
  it('has a default for all but who is who', () => {
    expect(rsGatewayConfiguration.parse(minimal)).toMatchObject({
      realm: 'rs.acme.example',
      authorizationServer: { deadline: 1_500 },
      challengeLimits: { perSource: 120, perRoute: 1_200 },
      forwardedIdentity: { email: 'X-RqP-Email', owner: 'X-UMA-Owner' },
      maxChallenge: 4_096,
    });
  });

  it('does not print the client secret', () => {
    expect(JSON.stringify(rsGatewayConfiguration.parse(minimal))).not.toContain('"secret"');
  });

  it.each([
    ['a misspelt setting', { relm: 'x' }, ''],
    ['a path in the public URL', { publicUrl: 'https://rs.acme.example/api' }, 'publicUrl'],
    ['a slash behind the public URL', { publicUrl: 'https://rs.acme.example/' }, 'publicUrl'],
    ['plain http', { publicUrl: 'http://rs.acme.example' }, 'publicUrl'],
    ['loopback without the development setting', { publicUrl: 'http://127.0.0.1:4130' }, 'publicUrl'],
    ['plain http that is not loopback, with the development setting', { publicUrl: 'http://rs.acme.example', development: { loopback: true } }, 'publicUrl'],
    ['an address as public URL', { publicUrl: 'https://192.0.2.1' }, 'publicUrl'],
    ['an issuer on plain http', { authorizationServer: { ...minimal.authorizationServer, issuer: 'http://as.acme.example' } }, 'authorizationServer.issuer'],
    ['an upstream with a path', { upstream: { origin: 'http://api:8080/v1' } }, 'upstream.origin'],
    ['two identities in one header', { forwardedIdentity: { email: 'X-Who', owner: 'x-who' } }, 'forwardedIdentity'],
    ['a realm that no header can carry', { realm: 'a\r\nb' }, 'realm'],
    ['a wildcard origin', { cors: { origins: ['*'] } }, 'cors.origins.0'],
  ])('refuses %s', (_description, settings, path) => {
    expect(problems(settings)).toEqual([path]);
  });

  it('takes loopback for development, and production does not take it', () => {
    const settings = rsGatewayConfiguration.parse({
      ...minimal,
      publicUrl: 'http://127.0.0.1:4130',
      authorizationServer: { ...minimal.authorizationServer, issuer: 'http://127.0.0.1:4110' },
      development: { loopback: true },
    });
    expect(() => refuseInProduction({ NODE_ENV: 'production' }, developmentSettings(settings))).toThrow(ConfigurationError);
    expect(() => refuseInProduction({ NODE_ENV: 'production' }, developmentSettings(rsGatewayConfiguration.parse(minimal)))).not.toThrow();
  });
});
