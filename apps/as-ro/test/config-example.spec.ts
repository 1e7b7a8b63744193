import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runService, type HostProcess } from '@uma-federation/nest-kit';
import { serviceDefinition } from '../src/index.ts';

const FILE = fileURLToPath(new URL('../config.example.yaml', import.meta.url));
const EXAMPLE = ['--config', FILE];

/** A process that only notes what is done to it. */
function hostProcess(commandLine: readonly string[], environment: Record<string, string>) {
  const seen = { codes: [] as number[], printed: [] as string[], log: [] as string[], stop: (_signal: string): void => undefined };
  let exited = (): void => undefined;
  const exit = new Promise<void>((resolve) => (exited = resolve));
  const host: HostProcess = {
    arguments: commandLine,
    environment,
    nodeVersion: process.versions.node,
    log: { write: (line: string) => void seen.log.push(line) },
    print: (text) => void seen.printed.push(text),
    exit: (code) => {
      seen.codes.push(code);
      exited();
    },
    onStopSignal: (listener) => (seen.stop = listener),
    onFault: () => undefined,
  };
  return { host, seen, exit };
}

async function check(environment: Record<string, string>): Promise<{ codes: readonly number[]; text: string }> {
  const { host, seen } = hostProcess([...EXAMPLE, '--check-config'], environment);
  await runService(serviceDefinition, host);
  return { codes: seen.codes, text: seen.printed.join('\n') };
}

describe('the example configuration', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'as-ro-app-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is good, also for production', async () => {
    expect(await check({})).toEqual({ codes: [0], text: 'as-ro: the configuration is good.' });
    expect(await check({ NODE_ENV: 'production' })).toEqual({ codes: [0], text: 'as-ro: the configuration is good.' });
  });

  it.each([
    ['development.addressMap', 'AS_RO__DEVELOPMENT__ADDRESS_MAP', '{"acme.example":"http://127.0.0.1:4100"}'],
    ['development.addressMap', 'AS_RO__DEVELOPMENT__ADDRESS_MAP', '{}'],
    ['development.privateNetworks', 'AS_RO__DEVELOPMENT__PRIVATE_NETWORKS', '[172.30.0.0/24]'],
    ['issuer', 'AS_RO__ISSUER', 'http://as.acme.example'],
    ['issuer', 'AS_RO__ISSUER', 'https://127.0.0.1:4110'],
    ['owners.identityProvider', 'AS_RO__OWNERS__IDENTITY_PROVIDER', 'http://login.acme.example'],
    ['clients.resourceServer', 'AS_RO__CLIENTS__0__RESOURCE_SERVER__IDENTIFIER', 'http://rs.acme.example'],
    ['clients.resourceServer', 'AS_RO__CLIENTS__0__RESOURCE_SERVER__BASE_URIS', '["https://rs.acme.example", "http://127.0.0.1:4130"]'],
    ['clients.jwksUri', 'AS_RO__CLIENTS__2__JWKS_URI', 'http://reports.acme.example/jwks'],
    ['trust.allow', 'AS_RO__TRUST__ALLOW', '[globex.example, "http://127.0.0.1:4220"]'],
    ['keycloakAlias.allowedOrigins', 'AS_RO__KEYCLOAK_ALIAS', '{ realm: acme, allowedOrigins: ["http://app.acme.example"] }'],
  ])('is refused in production with %s as %s says, and only there: %s', async (setting, variable, value) => {
    const refused = await check({ NODE_ENV: 'production', [variable]: value });
    expect(refused.codes).toEqual([2]);
    expect(refused.text).toContain(`- ${setting}: this is for development`);
    expect((await check({ [variable]: value })).codes).toEqual([0]);
  });

  it('takes the password of the database from a file, and never prints it', async () => {
    expect((await check({ AS_RO__DATABASE__PASSWORD_FILE: FILE })).codes).toEqual([0]);
    const twice = await check({ AS_RO__DATABASE__PASSWORD_FILE: FILE, AS_RO__DATABASE__PASSWORD: 'hunter2-hunter2' });
    expect(twice.codes).toEqual([2]);
    expect(twice.text).toContain('database.password');
    expect(twice.text).not.toContain('hunter2');
  });

  it('starts the service, which is not ready without its database, and stops when it is told to', async () => {
    const file = join(folder, 'config.yaml');
    await writeFile(file, (await readFile(FILE, 'utf8')).replace('keys/as-ro.json', join(folder, 'keys.json')).replace('keys/as-ro-context.key', join(folder, 'context.key')));
    const { host, seen, exit } = hostProcess(['--config', file], {
      NODE_ENV: 'production',
      AS_RO__DATABASE__URL: 'postgres://as_ro@127.0.0.1:1/acme',
      AS_RO__SERVER__HOST: '127.0.0.1',
      AS_RO__SERVER__PORT: '0',
      AS_RO__SERVER__DRAIN_DELAY: '0ms',
    });
    await runService(serviceDefinition, host);
    const { listening } = seen.log.map((line) => JSON.parse(line) as { listening?: string }).find((line) => line.listening !== undefined) ?? {};
    const get = (path: string) => fetch(new URL(path, listening), { headers: { connection: 'close' } });
    expect((await get('/health/live')).status).toBe(200);
    expect((await get('/health/ready')).status).toBe(503);
    expect(await (await get('/.well-known/uma2-configuration')).json()).toMatchObject({ issuer: 'https://as.acme.example' });
    seen.stop('SIGTERM');
    await exit;
    expect(seen.codes).toEqual([0]);
  });
});
