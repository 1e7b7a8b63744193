import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const MEBIBYTE = 1024 * 1024;

/** The top of the repository. */
export const REPOSITORY = fileURLToPath(new URL('../../../..', import.meta.url));
/** Not the project of a federation in use. */
export const PROJECT = 'uma-federation-e2e';
/** Of the two fronts, on loopback (deploy/test/compose.test.yml). */
export const FRONT_PORTS: Readonly<Record<string, number>> = { acme: 18_443, globex: 19_443 };
/** Images that the federation is built from and run with. */
export const BASE_IMAGES = ['node:24-bookworm-slim', 'postgres:17', 'redis:7'] as const;

const FILES = ['docker-compose.yml', 'deploy/test/compose.test.yml'];

/** How a command ended that may fail. */
export interface CommandResult {
  readonly code: number;
  readonly output: string;
}

/** Runs docker. @returns standard output @throws Error with what it wrote when it fails */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run('docker', args, { cwd: REPOSITORY, maxBuffer: 256 * MEBIBYTE });
  return stdout;
}

/** Runs docker; a failure is a result. */
export async function tryDocker(...args: readonly string[]): Promise<CommandResult> {
  try {
    return { code: 0, output: await docker(...args) };
  } catch (error) {
    const { code, stdout = '', stderr = '' } = error as { code?: number; stdout?: string; stderr?: string };
    return { code: typeof code === 'number' ? code : 1, output: `${stdout}${stderr}` };
  }
}

/** Arguments of docker for a compose command on the project of the tests. */
export function composeArguments(...args: readonly string[]): readonly string[] {
  return ['compose', '--project-name', PROJECT, '--progress', 'quiet', ...FILES.flatMap((file) => ['--file', file]), ...args];
}

/** Runs docker compose on the project of the tests. */
export function compose(...args: readonly string[]): Promise<string> {
  return docker(...composeArguments(...args));
}

/** The container of a replica of a service, for example `containerOf('acme-as-ro', 2)`. */
export function containerOf(service: string, replica = 1): string {
  return `${PROJECT}-${service}-${replica}`;
}

/** A network of the project, for example `public`. */
export function networkOf(name: string): string {
  return `${PROJECT}_${name}`;
}
