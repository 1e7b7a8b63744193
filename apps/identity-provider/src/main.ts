import { loadConfiguration, processEnvironment } from '@uma-federation/nest-kit';
import { z } from 'zod';
import type { IdentityProviderConfig } from './config.ts';
import { createIdentityProvider } from './create-identity-provider.ts';

// Usage: main.js CONFIG [--check-config]   CONFIG is YAML or JSON, over it IDENTITY_PROVIDER__… and …_FILE variables; createIdentityProvider checks it.
const [path, flag] = process.argv.slice(2);

if (path === undefined) {
  console.error('usage: main.js CONFIG.yaml [--check-config]');
  process.exit(2);
}

try {
  const settings = loadConfiguration(z.looseObject({}), { file: path, environment: processEnvironment(), prefix: 'IDENTITY_PROVIDER' });
  const config = settings as unknown as IdentityProviderConfig;
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
