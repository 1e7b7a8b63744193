import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { IdentityProviderConfig } from './config.ts';
import { createIdentityProvider } from './create-identity-provider.ts';

// Usage: main.js CONFIG [--check-config]   CONFIG is YAML or JSON; createIdentityProvider checks it.
const [path, flag] = process.argv.slice(2);

if (path === undefined) {
  console.error('usage: main.js CONFIG.yaml [--check-config]');
  process.exit(2);
}

try {
  const config = parse(await readFile(path, 'utf8')) as IdentityProviderConfig;
  const provider = await createIdentityProvider(config);
  if (flag === '--check-config') {
    console.log('The configuration is right.');
  } else {
    await provider.listen();
    console.log(`identity-provider: ${provider.issuer}`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void provider.close());
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
