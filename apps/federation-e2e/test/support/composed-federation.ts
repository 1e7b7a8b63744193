import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Manifest } from '@uma-federation/federation-app';
import type { FederationUnderTest } from '../federation-under-test.ts';
import { compose, composeArguments, containerOf, docker, FRONT_PORTS, REPOSITORY } from './compose-project.ts';
import { publicFetch } from './public-fetch.ts';

const run = promisify(execFile);
const STOPPING_SECONDS = '20';
const STARTING_SECONDS = '180';

/** The composed federation, which `npm run composed` has brought up, from outside: its published ports, and the docker command. */
export async function composedFederation(): Promise<FederationUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'uma-e2e-'));
  const manifestFile = join(folder, 'manifest.json');
  const authority = await inSeed('cat', '/authority/ca.pem');
  const manifest = JSON.parse(await inSeed('cat', '/manifest/manifest.json')) as Manifest;
  await writeFile(manifestFile, `${JSON.stringify(manifest, undefined, 2)}\n`, { mode: 0o600 });
  await writeFile(join(folder, 'ca.pem'), authority);
  await writeFile(join(folder, '.curlrc'), curlSettings(manifest, join(folder, 'ca.pem')));
  const outside = publicFetch({ authority, portOf: (name) => FRONT_PORTS[frontOf(name)] });
  return {
    way: 'composed',
    manifest,
    manifestFile,
    fetch: outside.fetch,
    query: async (domain, statement) => {
      const rows = await docker('exec', containerOf(`${domain}-database`), 'psql', '-U', 'postgres', '-d', 'as_ro', '-v', 'ON_ERROR_STOP=1', '-tAc', statement);
      return rows.split('\n').filter((row) => row !== '');
    },
    logLines: async () => (await compose('logs', '--no-color', '--no-log-prefix')).split('\n').filter((line) => line !== ''),
    uma: (...args) => run('docker', composeArguments('run', '--rm', '--no-TTY', 'client', 'uma', ...args), { cwd: REPOSITORY }),
    withCurl: (program, ...args) => run(program, args, { env: { ...process.env, CURL_HOME: folder } }),
    stopAndStart: async () => {
      await compose('down', '--timeout', STOPPING_SECONDS);
      await compose('up', '--detach', '--wait', '--wait-timeout', STARTING_SECONDS);
    },
    stop: async () => {
      await outside.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The seed's container sees what clients see. */
function inSeed(...command: readonly string[]): Promise<string> {
  return docker('exec', containerOf('seed'), ...command);
}

/** `rs.acme.example` → `acme`. */
function frontOf(hostName: string): string {
  return /(?:^|\.)([a-z]+)\.example$/.exec(hostName)?.[1] ?? '';
}

/** What curl reads from its home: the authority, and where the public names are. */
function curlSettings({ domains }: Manifest, authority: string): string {
  const names = Object.values(domains).flatMap(({ asRo, asRqp, gateway, identityProvider, webfinger }) =>
    [asRo.issuer, asRqp.issuer, gateway.url, identityProvider.issuer, webfinger].map((url) => new URL(url).hostname),
  );
  return [`cacert = "${authority}"`, ...names.map((name) => `connect-to = "${name}:443:127.0.0.1:${FRONT_PORTS[frontOf(name)]}"`)].join('\n');
}
