import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generateSigningKeys } from '@uma-federation/identity-provider';

/** Secrets of the demo, made once and kept in the data folder. */
export interface DemoSecrets {
  readonly confidentialClient: string;
  /** Of the resource server that belongs to neither domain. */
  readonly storage: string;
  readonly domains: Readonly<Record<'acme' | 'globex', DomainSecrets>>;
  /** Whether the one share was made; afterwards shares are the owners' business. */
  readonly seeded: boolean;
}

/** Secrets of one domain. */
export interface DomainSecrets {
  readonly resourceServer: string;
  readonly introspection: string;
  readonly cookieKey: string;
  readonly databaseRole: string;
  readonly identityProviderKeys: Awaited<ReturnType<typeof generateSigningKeys>>;
}

/** Reads the secrets of the data folder, or makes and writes them (mode 0600). */
export async function readOrCreateSecrets(file: string): Promise<DemoSecrets> {
  try {
    // A folder of an earlier release lacks what came later.
    const secrets = { storage: random(), ...(JSON.parse(await readFile(file, 'utf8')) as Omit<DemoSecrets, 'storage'>) };
    await writeSecrets(file, secrets);
    return secrets;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secrets: DemoSecrets = {
    confidentialClient: random(),
    storage: random(),
    domains: { acme: await domainSecrets(), globex: await domainSecrets() },
    seeded: false,
  };
  await writeSecrets(file, secrets);
  return secrets;
}

/** Writes the secrets, readable by their owner only. */
export async function writeSecrets(file: string, secrets: DemoSecrets): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
}

async function domainSecrets(): Promise<DomainSecrets> {
  return {
    resourceServer: random(),
    introspection: random(),
    cookieKey: random(),
    databaseRole: random(),
    identityProviderKeys: await generateSigningKeys(),
  };
}

/** 256 random bits. */
function random(): string {
  return randomBytes(32).toString('base64url');
}
