// Runs every test of the workspace through nx (cached where nothing changed) and closes with one line: `N passed, N failed`.
// Counts come from jest's own reports, one file per project and, for the system tests, one per way; a run that fails without a report counts as one
// failure. docs/operations/testing.md says what is used where, and by which variables.
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

const status = ['test', 'e2e', 'composed'].map((target) => {
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
console.log(`Federations used: one in process, and composed: ${readIfThere('apps/federation-e2e/coverage/composed-way.txt').trim() || 'none'}.`);
console.log(`${totals.passed} passed, ${failed} failed${totals.skipped > 0 ? `, ${totals.skipped} skipped` : ''}`);
process.exit(failed === 0 ? 0 : 1);

function count(project) {
  for (const name of ['jest-report.json', 'composed-report.json']) {
    const report = readIfThere(join(project, 'coverage', name));
    if (report === '') continue;
    const { numPassedTests, numFailedTests, numPendingTests, numRuntimeErrorTestSuites } = JSON.parse(report);
    totals.passed += numPassedTests;
    totals.failed += numFailedTests + numRuntimeErrorTestSuites;
    totals.skipped += numPendingTests;
  }
}

function readIfThere(path) {
  return existsSync(join(root, path)) ? readFileSync(join(root, path), 'utf8') : '';
}
