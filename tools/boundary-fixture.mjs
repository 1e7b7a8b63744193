// Proves that the module boundaries are enforced: each fixture is linted as a file of the library it pretends to be in, and must be refused.
import { spawnSync } from 'node:child_process';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ESLint } from 'eslint';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
process.env.NX_DAEMON = 'false';
// Without nx's project graph the boundary rule passes everything; any nx command makes it.
spawnSync(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), 'show', 'projects'], { cwd: root, stdio: 'ignore' });
const BOUNDARY = '@nx/enforce-module-boundaries';
const FIXTURES = [
  { library: 'libs/uma-core', code: "import { connect } from '@uma-federation/persistence';\nexport const broken = connect;\n", rule: BOUNDARY, says: 'the core imports an adapter' },
  { library: 'libs/uma-core', code: "import { Module } from '@nestjs/common';\nexport const broken = Module;\n", rule: BOUNDARY, says: 'the core imports Nest' },
  { library: 'libs/uma-core', code: "import { createHash } from 'node:crypto';\nexport const broken = createHash;\n", rule: 'no-restricted-imports', says: 'the core imports a built-in' },
  { library: 'libs/persistence', code: "import { createGuardedFetch } from '@uma-federation/federation';\nexport const broken = createGuardedFetch;\n", rule: BOUNDARY, says: 'an adapter imports an adapter' },
  { library: 'libs/as-ro', code: "import { createAsRqp } from '@uma-federation/as-rqp';\nexport const broken = createAsRqp;\n", rule: BOUNDARY, says: 'a service imports a service' },
  { library: 'libs/uma-client', code: "import { createAsRo } from '@uma-federation/as-ro';\nexport const broken = createAsRo;\n", rule: BOUNDARY, says: 'the client imports a service' },
  { library: 'libs/as-ro', code: "export const broken = process.env['HOME'];\n", rule: 'no-restricted-properties', says: 'a service reads the environment' },
  { library: 'libs/as-ro', code: "export const broken = (): Promise<Response> => fetch('https://stranger.example/');\n", rule: 'no-restricted-globals', says: 'a service fetches by itself' },
];

let failures = 0;
for (const [index, { library, code, rule, says }] of FIXTURES.entries()) {
  const file = join(root, library, 'src', `boundary-fixture-${index}.ts`);
  if (existsSync(file)) throw new Error(`${file} is in the way`);
  try {
    writeFileSync(file, code);
    const [result] = await new ESLint({ cwd: root }).lintFiles([file]);
    const fired = result?.messages.some((message) => message.ruleId === rule) ?? false;
    console.log(`${fired ? 'ok    ' : 'FAILED'} ${says}: ${rule}`);
    if (!fired) {
      failures += 1;
      for (const message of result?.messages ?? []) console.log(`       ${message.ruleId ?? 'parser'}: ${message.message}`);
    }
  } finally {
    rmSync(file, { force: true });
  }
}
process.exit(failures === 0 ? 0 : 1);
