import { isLoopbackUrl } from '@uma-federation/uma-core';
import { ConfigurationError } from './configuration-error.ts';
import type { Environment } from './process-environment.ts';

/** Whether `NODE_ENV` says that this is a production system. */
export function isProduction(environment: Environment): boolean {
  return environment['NODE_ENV'] === 'production';
}

/**
 * Refuses, in production only, settings that are for development: switches that are on, and plain http or loopback URLs.
 * @param environment variables; nothing is refused unless `NODE_ENV` is `production`
 * @param settings the settings to look at, by name; lists and maps are looked through
 * @throws ConfigurationError that names each such setting
 */
export function refuseInProduction(environment: Environment, settings: Readonly<Record<string, unknown>>): void {
  if (!isProduction(environment)) return;
  const problems = Object.entries(settings)
    .filter(([, value]) => isForDevelopment(value))
    .map(([name]) => `${name}: this is for development; with NODE_ENV=production it is refused`);
  if (problems.length > 0) throw new ConfigurationError(problems);
}

function isForDevelopment(value: unknown): boolean {
  if (value === true) return true;
  if (typeof value === 'string') return isPlainOrLoopback(value);
  if (value instanceof URL) return isPlainOrLoopback(value.href);
  if (typeof value === 'object' && value !== null) return Object.values(value).some(isForDevelopment);
  return false;
}

function isPlainOrLoopback(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'http:' || isLoopbackUrl(url));
}
