import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { generateSigningKeys } from '@uma-federation/identity-provider';

/** Secrets of the demo, made once and kept in the data folder. */
export interface DemoSecrets {
  readonly confidentialClient: string;
  readonly domains: Readonly<Record<'acme' | 'globex', DomainSecrets>>;
  /** Whether the one share was made; afterwards shares are the owners' business. */
  readonly seeded: boolean;
}

/** Secrets of one domain. */
export interface DomainSecrets {
  readonly resourceServer: string;
  /** Of the other domain's gateway, which is a resource server here too. */
  readonly guestResourceServer: string;
  readonly introspection: string;
  readonly cookieKey: string;
  readonly databaseRole: string;
  readonly identityProviderKeys: Awaited<ReturnType<typeof generateSigningKeys>>;
}

/** Reads the secrets of the data folder, or makes and writes them (mode 0600). */
export async function readOrCreateSecrets(file: string): Promise<DemoSecrets> {
  try {
    return complete(JSON.parse(await readFile(file, 'utf8')) as DemoSecrets, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  const secrets: DemoSecrets = {
    confidentialClient: random(),
    domains: { acme: await domainSecrets(), globex: await domainSecrets() },
    seeded: false,
  };
  await writeSecrets(file, secrets);
  return secrets;
}

/** Folders of earlier releases lack what came later. */
async function complete(secrets: DemoSecrets, file: string): Promise<DemoSecrets> {
  const { acme, globex } = secrets.domains as Readonly<Record<'acme' | 'globex', Partial<DomainSecrets> & Omit<DomainSecrets, 'guestResourceServer'>>>;
  if (acme.guestResourceServer !== undefined && globex.guestResourceServer !== undefined) return secrets;
  const completed = { ...secrets, domains: { acme: { guestResourceServer: random(), ...acme }, globex: { guestResourceServer: random(), ...globex } } };
  await writeSecrets(file, completed);
  return completed;
}

/** Writes the secrets, readable by their owner only. */
export async function writeSecrets(file: string, secrets: DemoSecrets): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, `${JSON.stringify(secrets, undefined, 2)}\n`, { mode: 0o600 });
}

async function domainSecrets(): Promise<DomainSecrets> {
  return {
    resourceServer: random(),
    guestResourceServer: random(),
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
