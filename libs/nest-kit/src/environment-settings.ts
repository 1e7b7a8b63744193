import { readFileSync } from 'node:fs';
import { ConfigurationError } from './configuration-error.ts';
import type { Environment } from './process-environment.ts';

/** One setting that came from the environment. */
export interface EnvironmentSetting {
  /** The variable, for messages. */
  readonly variable: string;
  /** Where it goes: `AS_RO__SERVER__PUBLIC_URL` is `['server', 'publicUrl']`, a number is a place in a list. */
  readonly path: readonly string[];
  readonly text: string;
}

const SEGMENT = /^[A-Z0-9]+(_[A-Z0-9]+)*$/;

/**
 * Reads the settings of a service from environment variables that begin with the prefix and two underscores.
 * A variable that ends in `_FILE` names a file that holds the value (a mounted secret); surrounding white space is cut off.
 * @param environment variables by name
 * @param prefix for example `AS_RO`
 * @throws ConfigurationError for a name that is no setting, a file that cannot be read, or a setting given in both ways
 */
export function environmentSettings(environment: Environment, prefix: string): readonly EnvironmentSetting[] {
  const problems: string[] = [];
  const settings = new Map<string, EnvironmentSetting>();
  for (const [variable, value] of Object.entries(environment)) {
    if (value === undefined || !variable.startsWith(`${prefix}__`)) continue;
    const isFile = variable.endsWith('_FILE') && !variable.endsWith('__FILE');
    const segments = variable.slice(prefix.length + 2, isFile ? -'_FILE'.length : undefined).split('__');
    if (!segments.every((segment) => SEGMENT.test(segment))) {
      problems.push(`${variable}: this is not the name of a setting`);
      continue;
    }
    const path = segments.map(toCamelCase);
    const name = path.join('.');
    if (settings.has(name)) {
      problems.push(`${name}: given both as a value and as a file (${variable})`);
      continue;
    }
    const text = isFile ? readSecretFile(value) : value;
    if (text === undefined) problems.push(`${name}: the file that ${variable} names cannot be read`);
    else settings.set(name, { variable, path, text });
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return [...settings.values()];
}

function toCamelCase(segment: string): string {
  return segment.toLowerCase().replace(/_([a-z0-9])/g, (_match, next: string) => next.toUpperCase());
}

function readSecretFile(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return undefined;
  }
}
