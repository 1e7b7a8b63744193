import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';

/** A service of docker-compose.yml, as far as the tests look at it. */
export interface ComposeService {
  readonly image: string;
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly privileged?: boolean;
  readonly security_opt?: readonly string[];
  readonly ports?: readonly string[];
  readonly profiles?: readonly string[];
  readonly init?: boolean;
  readonly volumes?: readonly string[];
  readonly networks?: readonly string[] | Readonly<Record<string, { readonly aliases?: readonly string[] }>>;
}

/** docker-compose.yml. */
export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, { readonly internal?: boolean; readonly ipam: { readonly config: readonly { readonly subnet: string }[] } }>>;
}

/** The path of a file of the repository. */
export function repositoryFile(path: string): string {
  return fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
}

/** A YAML file of the repository; merge keys are followed as compose does. */
export function readYaml<T>(path: string): T {
  return parse(readFileSync(repositoryFile(path), 'utf8'), { merge: true }) as T;
}

/** The networks of a service, by name. */
export function networksOf({ networks = {} }: ComposeService): Readonly<Record<string, { readonly aliases?: readonly string[] }>> {
  return 'length' in networks ? Object.fromEntries((networks as readonly string[]).map((name) => [name, {}])) : networks;
}
