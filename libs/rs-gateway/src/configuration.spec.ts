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

  const server = (name: string, more: object = {}) => ({ name, issuer: `https://as.${name}.example`, clientId: 'rs', clientSecret: 'secret', ...more });
  const several = (authorizationServers: object[], more: object = {}) => ({ authorizationServer: undefined, authorizationServers, ...more });
  const route = (id: string, more: object = {}) => ({ id, path: `/${id}`, methods: { GET: ['view'] }, resource: id, ...more });
  const both = [server('acme'), server('initech')];

  it('takes one AS-RO or a list of named ones, which routes name', () => {
    expect(rsGatewayConfiguration.parse(minimal).authorizationServers).toMatchObject([{ name: 'as.acme.example', issuer: 'https://as.acme.example' }]);
    expect(problems(several([server('acme')], { routes: [route('a'), route('b', { authorizationServer: 'acme' })] }))).toEqual([]);
    expect(problems(several(both, { routes: [route('a', { authorizationServer: 'initech' }), ...minimal.routes] }))).toEqual([]);
  });

  const redis = { address: { kind: 'standalone', host: 'redis' } };
  it.each<[string, object, string]>([
    ['neither form', { authorizationServer: undefined }, 'authorizationServer'],
    ['both forms', { authorizationServers: both }, 'authorizationServer'],
    ['an empty list', several([]), 'authorizationServers'],
    ['two of one name', several([server('acme'), server('acme', { issuer: 'https://as.initech.example' })]), 'authorizationServers'],
    ['two with one issuer', several([server('acme'), server('initech', { issuer: 'https://as.acme.example' })]), 'authorizationServers'],
    ['an issuer of the list on plain http', several([server('acme'), server('initech', { issuer: 'http://as.initech.example' })]), 'authorizationServers.1.issuer'],
    ['the bus without Redis', several([server('acme', { transport: 'bus' })]), 'authorizationServers.0.transport'],
    ['two on the bus', several(both.map((one) => ({ ...one, transport: 'bus' })), { redis }), 'authorizationServers'],
    ['a route that names none of several', several(both, { routes: [route('a')] }), 'routes'],
    ['a route that names an unknown one', several(both, { routes: [route('a', { authorizationServer: 'globex' })] }), 'routes'],
    ['a route that names one where the only one has no name', { routes: [route('a', { authorizationServer: 'acme' })] }, 'routes'],
    ['one resource at two AS-ROs', several(both, { routes: [route('a', { authorizationServer: 'acme' }), { ...route('b', { authorizationServer: 'initech', methods: { PUT: ['edit'] } }), path: '/a', resource: 'a' }] }), 'routes'],
    ['an unknown dialect', { routes: [route('a', { legacy: 'draft-06' })] }, 'routes.0.legacy'],
    ['step-up on a legacy route', { routes: [route('a', { legacy: 'draft-07', maxAge: '5m' })] }, 'routes.0.legacy'],
    ['legacy routes at two AS-ROs, each of which would get to see the tokens of the other', several(both, { routes: ['acme', 'initech'].map((authorizationServer) => route(authorizationServer, { authorizationServer, legacy: '1.0.1' })) }), 'routes'],
    ['a legacy route where tokens have to be bound', { routes: [route('a', { legacy: 'draft-07' })], dpop: { required: true } }, 'dpop.required'],
  ])('refuses %s', (_description, settings, path) => {
    expect(problems(settings)).toEqual([path]);
  });

  it('shows each issuer to the check for production', () => {
    const loopback = several([server('acme'), server('initech', { issuer: 'http://127.0.0.1:4110' })], { development: { loopback: true } });
    const settings = rsGatewayConfiguration.parse({ ...minimal, ...loopback });
    expect(() => refuseInProduction({ NODE_ENV: 'production' }, { issuers: developmentSettings(settings)['authorizationServer.issuer'] })).toThrow(ConfigurationError);
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
