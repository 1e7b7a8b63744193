import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serviceDefinition as asRo } from '@uma-federation/as-ro-app';
import { serviceDefinition as asRqp } from '@uma-federation/as-rqp-app';
import { createIdentityProvider, type IdentityProviderConfig } from '@uma-federation/identity-provider';
import { loadConfiguration, runService, type HostProcess, type ServiceDefinition } from '@uma-federation/nest-kit';
import { serviceDefinition as rsGateway } from '@uma-federation/rs-gateway-app';
import { createSampleApi, type SampleApiConfig } from '@uma-federation/sample-api';
import { z } from 'zod';
import { serviceDefinition as tlsFront } from '../src/index.ts';
import { networksOf, readYaml, repositoryFile, type ComposeFile, type ComposeService } from './support/compose-file.ts';

const compose = readYaml<ComposeFile>('docker-compose.yml');
const services = Object.entries(compose.services);
const DOMAINS = ['acme', 'globex'] as const;
const service = (name: string): ComposeService => compose.services[name] ?? { image: `there is no service ${name}` };
const subnetOf = (network: string): string => compose.networks[network]?.ipam.config[0]?.subnet ?? `there is no network ${network}`;

/** Stands for every file that a container finds on its volumes: a secret of 256 bits in hex, as `deploy/docker/setup` makes them. */
let folder: string;
let secret: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'compose-federation-'));
  secret = join(folder, 'secret');
  writeFileSync(secret, `${'5'.repeat(64)}\n`);
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The environment of a container, with its secret files. */
function environmentOf({ environment = {} }: ComposeService): Record<string, string> {
  return Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, name.endsWith('_FILE') ? secret : value]));
}

async function check(name: string, definition: unknown, more: Record<string, string> = {}): Promise<string> {
  const [domain = ''] = name.split('-');
  const { command = [] } = service(name);
  const texts: string[] = [];
  const host: HostProcess = {
    arguments: [...command.slice(2).map((word) => word.replace(/^\/config\//, `${repositoryFile('deploy/config')}/${domain}/`)), '--check-config'],
    environment: { NODE_ENV: 'production', ...environmentOf(service(name)), ...more },
    nodeVersion: process.versions.node,
    print: (text) => void texts.push(text),
    exit: (code) => void texts.push(`exit ${code}`),
    onStopSignal: () => undefined,
    onFault: () => undefined,
  };
  await runService(definition as ServiceDefinition<z.ZodType<{ logging: { level: 'info' } }>>, host);
  return texts.join('\n');
}

describe.each(DOMAINS)('the configuration of %s in the compose federation', (domain) => {
  it.each([
    ['as-ro', asRo],
    ['as-rqp', asRqp],
    ['rs-gateway', rsGateway],
    ['tls-front', tlsFront],
  ])('is good for %s, with the environment of its container', async (name, definition) => {
    expect(await check(`${domain}-${name}`, definition)).toBe(`${name}: the configuration is good.\nexit 0`);
  });

  it.each([
    ['as-ro', asRo],
    ['as-rqp', asRqp],
  ])('has one development setting for %s, the private network, and production refuses it', async (name, definition) => {
    const text = await check(`${domain}-${name}`, definition, { NODE_ENV: 'production' });
    expect(text.split('\n').slice(1)).toEqual(['  - development.privateNetworks: this is for development; with NODE_ENV=production it is refused', 'exit 2']);
  });

  it('is good for the identity provider and the API', async () => {
    const environment = environmentOf(service(`${domain}-identity-provider`));
    const config = loadConfiguration(z.looseObject({}), { file: repositoryFile(`deploy/config/${domain}/identity-provider.yaml`), environment, prefix: 'IDENTITY_PROVIDER' });
    expect((await createIdentityProvider(config as unknown as IdentityProviderConfig)).issuer).toBe(`https://idp.${domain}.example`);
    createSampleApi(readYaml<SampleApiConfig>(`deploy/config/${domain}/sample-api.yaml`));
  });

  it('holds no secret of a client, a cookie or a database', () => {
    for (const name of ['as-ro', 'as-rqp', 'rs-gateway', 'identity-provider', 'tls-front', 'migrate']) {
      expect(readFileSync(repositoryFile(`deploy/config/${domain}/${name}.yaml`), 'utf8')).not.toMatch(/secret:|clientSecret|cookieKeys|\/\/[^/\s:@]+:[^/\s@]+@/i);
    }
  });

  it('knows the addresses of the networks', () => {
    for (const name of ['as-ro', 'as-rqp', 'rs-gateway']) {
      const { server, development } = readYaml<{ server: object; development?: object }>(`deploy/config/${domain}/${name}.yaml`);
      expect(server).toMatchObject({ trustedProxies: [subnetOf(domain)] });
      if (name !== 'rs-gateway') expect(development).toEqual({ privateNetworks: [subnetOf('public')] });
    }
  });

  it('gives the front exactly the names that it has on the public network, and a certificate for them', () => {
    const { hosts } = readYaml<{ hosts: Record<string, string> }>(`deploy/config/${domain}/tls-front.yaml`);
    const names = Object.keys(hosts).sort();
    expect([...(networksOf(service(`${domain}-tls-front`))['public']?.aliases ?? [])].sort()).toEqual(names);
    const certified = /subjectAltName=(.*?)"/.exec(readFileSync(repositoryFile('deploy/docker/setup'), 'utf8'))?.[1] ?? '';
    expect(certified.replaceAll('DNS:', '').replaceAll('$domain', `${domain}.example`).split(',').sort()).toEqual(names);
    for (const origin of Object.values(hosts)) {
      const { hostname } = new URL(origin);
      expect(networksOf(service(`${domain}-${hostname}`))[domain]?.aliases).toEqual([hostname]);
    }
  });
});

describe('docker-compose.yml', () => {
  it.each(services)('confines %s: read-only, no capabilities, no way to gain any', (_, container) => {
    expect(container).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
    expect([container.cap_add, container.privileged, container.user === 'root' || container.user?.startsWith('0')]).toEqual([undefined, undefined, container.user === undefined ? undefined : false]);
  });

  it('publishes the two fronts and nothing else, on loopback; Prometheus where it is asked for', () => {
    const published = services.flatMap(([name, { ports = [] }]) => ports.map((port) => [name, port]));
    expect(published).toEqual([['acme-tls-front', '127.0.0.1:8443:443'], ['globex-tls-front', '127.0.0.1:9443:443'], ['prometheus', '127.0.0.1:9090:9090']]);
    expect(service('prometheus').profiles).toEqual(['observability']);
  });

  it('joins the domains by the public network alone', () => {
    for (const [name, container] of services.filter(([other]) => other !== 'prometheus')) {
      const own = DOMAINS.filter((domain) => name.startsWith(`${domain}-`));
      expect(Object.keys(networksOf(container)).filter((network) => network !== 'public' && network !== own[0])).toEqual([]);
    }
    expect(Object.keys(networksOf(service('prometheus')))).toEqual([...DOMAINS, 'monitoring']);
    expect(DOMAINS.map((domain) => compose.networks[domain]?.internal)).toEqual([true, true]);
  });

  it('keeps databases, Redis, identity providers and APIs off the public network', () => {
    const inside = services.filter(([name]) => /-(database|redis|migrate|identity-provider|sample-api)$/.test(name));
    expect(inside).toHaveLength(10);
    expect(inside.filter(([, container]) => 'public' in networksOf(container))).toEqual([]);
  });

  it('gives PostgreSQL an init process', () => {
    const databases = services.filter(([, { image }]) => image.startsWith('postgres'));
    expect(databases.map(([, { init }]) => init)).toEqual([true, true]);
  });

  it('gives each private volume to one service, and the shared ones read-only', () => {
    for (const [name, { volumes = [] }] of services.filter(([other]) => other !== 'setup')) {
      const own = name.endsWith('-database') ? [name, name.replace(/database$/, 'data')] : [name];
      const shared = volumes.filter((volume) => !own.includes(volume.split(':')[0] ?? ''));
      expect(shared.map((volume) => volume.split(':'))).toEqual(shared.map((volume) => [expect.stringMatching(/^(authority|client|\.\/deploy\/.*)$/), volume.split(':')[1], 'ro']));
    }
  });
});
