// Runs every test of the workspace through nx (cached where nothing changed) and closes with one line: `N passed, N failed`.
// Counts come from jest's own reports, one file per project; a project without a report counts as one failure.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const nx = join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
const environment = { ...process.env, NX_DAEMON: 'false', FORCE_COLOR: '0' };
const projects = ['libs', 'apps'].flatMap((folder) =>
  readdirSync(join(root, folder))
    .map((name) => join(folder, name))
    .filter((project) => existsSync(join(root, project, 'package.json'))),
);

const status = ['test', 'e2e'].map((target) => {
  const { status: code } = spawnSync(process.execPath, [nx, 'run-many', '-t', target, `--parallel=${environment.CI ? 1 : 2}`, '--outputStyle=static'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    env: environment,
  });
  return code ?? 1;
});

const totals = { passed: 0, failed: 0, skipped: 0 };
for (const project of projects) count(project);
const failed = totals.failed + (totals.failed === 0 && status.some((code) => code !== 0) ? 1 : 0);
const docker = spawnSync('docker', ['info'], { stdio: 'ignore' }).status === 0;
const postgres = environment.UMA_TEST_POSTGRES_URL ? ', and the PostgreSQL server of UMA_TEST_POSTGRES_URL' : ' (skipped: a PostgreSQL server, none is named by UMA_TEST_POSTGRES_URL)';
const redis = environment.UMA_TEST_REDIS_URL ? 'the server of UMA_TEST_REDIS_URL' : docker ? 'containers' : 'none, its tests were skipped (no Docker engine answers, and UMA_TEST_REDIS_URL names no server)';
console.log(`\nStores used: embedded PostgreSQL and in-memory twins${postgres}. Redis: ${redis}.`);
console.log(`${totals.passed} passed, ${failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);

function count(project) {
  const report = join(root, project, 'coverage', 'jest-report.json');
  if (!existsSync(report)) return;
  const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(readFileSync(report, 'utf8'));
  totals.passed += numPassedTests;
  totals.failed += numFailedTests + numRuntimeErrorTestSuites;
  totals.skipped += numPendingTests;
}
