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
    folder = await mkdtemp(join(tmpdir(), 'as-rqp-app-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is good, also for production', async () => {
    expect(await check({})).toEqual({ codes: [0], text: 'as-rqp: the configuration is good.' });
    expect(await check({ NODE_ENV: 'production' })).toEqual({ codes: [0], text: 'as-rqp: the configuration is good.' });
  });

  it.each([
    ['development.addressMap', 'AS_RQP__DEVELOPMENT__ADDRESS_MAP', '{"globex.example":"http://127.0.0.1:4200"}'],
    ['development.addressMap', 'AS_RQP__DEVELOPMENT__ADDRESS_MAP', '{}'],
    ['development.privateNetworks', 'AS_RQP__DEVELOPMENT__PRIVATE_NETWORKS', '[172.30.0.0/24]'],
    ['issuer', 'AS_RQP__ISSUER', 'http://as-rqp.globex.example'],
    ['issuer', 'AS_RQP__ISSUER', 'https://127.0.0.1:4120'],
    ['resourceOwnerIssuer', 'AS_RQP__RESOURCE_OWNER_ISSUER', 'http://localhost:4110'],
    ['identityProviders.issuer', 'AS_RQP__IDENTITY_PROVIDERS__0__ISSUER', 'http://login.globex.example'],
    ['identityProviders.issuer', 'AS_RQP__IDENTITY_PROVIDERS__1__ISSUER', 'https://[::1]:4240'],
    ['clients.jwksUri', 'AS_RQP__CLIENTS', '[{clientId: a, jwksUri: "http://a.example/jwks"}]'],
    ['trust.allow', 'AS_RQP__TRUST__ALLOW', '[https://as.acme.example, "http://127.0.0.1:4110"]'],
  ])('is refused in production with %s as %s says, and only there: %s', async (setting, variable, value) => {
    const refused = await check({ NODE_ENV: 'production', [variable]: value });
    expect(refused.codes).toEqual([2]);
    expect(refused.text).toContain(`- ${setting}: this is for development`);
    expect((await check({ [variable]: value })).codes).toEqual([0]);
  });

  it('takes the secret of introspection from a file', async () => {
    const introspection = { AS_RQP__IDENTITY_PROVIDERS__0__INTROSPECTION__CLIENT_ID: 'as-rqp' };
    expect((await check(introspection)).text).toContain('identityProviders.0.introspection.clientSecret');
    const variable = 'AS_RQP__IDENTITY_PROVIDERS__0__INTROSPECTION__CLIENT_SECRET_FILE';
    expect((await check({ ...introspection, [variable]: FILE })).codes).toEqual([0]);
  });

  it('starts the service, which is ready, says what it can do, and stops when it is told to', async () => {
    const file = join(folder, 'config.yaml');
    await writeFile(file, (await readFile(FILE, 'utf8')).replace('keys/as-rqp.json', join(folder, 'keys.json')));
    const { host, seen, exit } = hostProcess(['--config', file], {
      NODE_ENV: 'production',
      AS_RQP__SERVER__HOST: '127.0.0.1',
      AS_RQP__SERVER__PORT: '0',
      AS_RQP__SERVER__DRAIN_DELAY: '0ms',
    });
    await runService(serviceDefinition, host);
    const { listening } = seen.log.map((line) => JSON.parse(line) as { listening?: string }).find((line) => line.listening !== undefined) ?? {};
    const get = (path: string) => fetch(new URL(path, listening), { headers: { connection: 'close' } });
    expect((await get('/health/ready')).status).toBe(200);
    expect(await (await get('/.well-known/oauth-authorization-server')).json()).toMatchObject({ issuer: 'https://as-rqp.globex.example' });
    seen.stop('SIGTERM');
    await exit;
    expect(seen.codes).toEqual([0]);
  });
});
