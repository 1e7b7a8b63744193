import { readFile } from 'node:fs/promises';
import { parse } from 'yaml';
import type { SampleApiConfig } from './config.ts';
import { createSampleApi } from './create-sample-api.ts';

// Usage: main.js CONFIG [--check-config]   CONFIG is YAML or JSON; createSampleApi checks it.
const [path, flag] = process.argv.slice(2);

if (path === undefined) {
  console.error('usage: main.js CONFIG.yaml [--check-config]');
  process.exit(2);
}

try {
  const api = createSampleApi(parse(await readFile(path, 'utf8')) as SampleApiConfig);
  if (flag === '--check-config') {
    console.log('The configuration is right.');
  } else {
    await api.listen();
    console.log(`sample-api: ${api.url} (trusts its callers: only the gateway may reach it)`);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void api.close());
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
