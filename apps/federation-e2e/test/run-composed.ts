// Runs the specs on the composed federation: builds its images, brings it up, runs jest, and removes everything again. Where that cannot be done it
// says why, and jest counts the tests as skipped. docs/operations/testing.md
// Usage: node test/run-composed.ts [--keep] [arguments of jest]
import { spawn } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { BASE_IMAGES, compose, composeArguments, PROJECT, REPOSITORY, tryDocker } from './support/compose-project.ts';
import { systemTestEnvironment } from './support/test-way.ts';

const STARTING_SECONDS = '240';
const NO_TEST = 'a^';
const jestArguments = process.argv.slice(2).filter((argument) => argument !== '--keep');
const keep = process.argv.includes('--keep');
const { composed } = systemTestEnvironment();

await mkdir('coverage', { recursive: true });
await rm('coverage/composed-report.json', { force: true });
await note('it did not come to an end');
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void tearDown().finally(() => process.exit(1)));
}
process.exitCode = await main();

async function main(): Promise<number> {
  const reason = composed === 'off' ? 'UMA_TEST_COMPOSED=off' : await whyNot();
  if (reason !== undefined) {
    say(`Tests on the composed federation are skipped: ${reason}`);
    await note(`none, its tests were skipped (${reason.split('\n')[0]})`);
    if (composed === 'required') return 1;
    return jest('--silent', '--testNamePattern', NO_TEST);
  }
  const code = await composedTests();
  return keep ? code : removed(code);
}

async function composedTests(): Promise<number> {
  try {
    await inSeconds('up', () => compose('up', '--detach', '--wait', '--wait-timeout', STARTING_SECONDS));
    await note('docker-compose.yml in containers');
    const code = await jest(...jestArguments);
    if (code !== 0) await keepLogs();
    return code;
  } catch (error) {
    say(`The composed federation did not come up: ${String(error)}\n${(await tryDocker(...composeArguments('ps', '--all'))).output}`);
    await keepLogs();
    return 1;
  }
}

/** Removes everything. @returns 1 when something is left, else the code */
async function removed(code: number): Promise<number> {
  await inSeconds('removed', tearDown);
  const label = `label=com.docker.compose.project=${PROJECT}`;
  const lists = await Promise.all([['ps', '--all'], ['volume', 'ls'], ['network', 'ls']].map((list) => tryDocker(...list, '--quiet', '--filter', label)));
  if (lists.every(({ output }) => output.trim() === '')) return code;
  say('Something of the composed federation is left.');
  return 1;
}

/** Whether there is an engine with the images that the federation needs; sweeps what an earlier run has left. */
async function whyNot(): Promise<string | undefined> {
  const version = await tryDocker('compose', 'version');
  const engine = await tryDocker('info');
  if (version.code !== 0 || engine.code !== 0) return 'no Docker engine with compose answers';
  for (const image of BASE_IMAGES) {
    const here = await tryDocker('image', 'inspect', image);
    if (here.code !== 0 && (await tryDocker('pull', '--quiet', image)).code !== 0) return `the image ${image} is not here and cannot be pulled`;
  }
  await tearDown();
  const built = await inSeconds('built', () => tryDocker(...composeArguments('build')));
  return built.code === 0 ? undefined : `the images cannot be built\n${built.output.slice(-2_000)}`;
}

/** For the summary of the whole run (tools/run-tests.mjs). */
async function note(whatWasUsed: string): Promise<void> {
  await writeFile('coverage/composed-way.txt', `${whatWasUsed}\n`);
}

function tearDown() {
  return tryDocker(...composeArguments('--profile', 'client', 'down', '--volumes', '--remove-orphans', '--timeout', '2'));
}

async function keepLogs(): Promise<void> {
  await writeFile('coverage/composed.log', (await tryDocker(...composeArguments('logs', '--no-color', '--timestamps'))).output);
  say(`Logs of the containers: ${REPOSITORY}apps/federation-e2e/coverage/composed.log`);
}

function jest(...args: readonly string[]): Promise<number> {
  const options = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', '../../node_modules/jest/bin/jest.js'];
  const report = ['--runInBand', '--config', 'jest.composed.config.mjs', '--json', '--outputFile=coverage/composed-report.json'];
  const child = spawn(process.execPath, [...options, ...report, ...args], { stdio: 'inherit', env: { ...process.env, UMA_TEST_FEDERATION: 'composed' } });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

async function inSeconds<T>(what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const result = await work();
  say(`${PROJECT}: ${what} in ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return result;
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}
