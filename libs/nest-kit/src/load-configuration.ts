import { readFileSync } from 'node:fs';
import { parse as parseYaml } from 'yaml';
import type { z } from 'zod';
import { ConfigurationError } from './configuration-error.ts';
import { environmentSettings, type EnvironmentSetting } from './environment-settings.ts';
import type { Environment } from './process-environment.ts';

/** Where the configuration comes from. */
export interface ConfigurationSources {
  /** Path of the YAML file; without one there are only defaults and the environment. */
  readonly file?: string | undefined;
  readonly environment: Environment;
  /** Prefix of the environment variables, for example `AS_RO` for `AS_RO__SERVER__PORT`. */
  readonly prefix: string;
}

/** Types that a text from the environment can be read as, when the schema asks for them. */
const READ_AS_YAML = new Set(['number', 'boolean', 'array', 'object', 'record']);

/**
 * Builds a service's configuration: defaults of the schema ← YAML file ← environment ← files that `*_FILE` variables name.
 * @param schema a strict zod schema, so that a misspelt setting is an error
 * @throws ConfigurationError with one line per problem: path, what is wrong, and the variable it came from; never a value
 */
export function loadConfiguration<Schema extends z.ZodType>(schema: Schema, sources: ConfigurationSources): z.output<Schema> {
  const settings = environmentSettings(sources.environment, sources.prefix);
  const file = sources.file === undefined ? {} : readYamlFile(sources.file);
  const asText = schema.safeParse(withSettings(file, settings));
  if (asText.success) return asText.data;
  // A variable is a text. Where the schema refuses the text and wants another type, the text is read as YAML.
  const typed = settings.map((setting) => (wantsOtherType(asText.error.issues, setting.path) ? readAsYaml(setting) : setting));
  const result = schema.safeParse(withSettings(file, typed));
  if (result.success) return result.data;
  throw new ConfigurationError(result.error.issues.flatMap((issue) => describe(issue, settings)));
}

function readYamlFile(file: string): object {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new ConfigurationError([`the file ${file} cannot be read`], { cause });
  }
  let content: unknown;
  try {
    content = parseYaml(text, { uniqueKeys: true, maxAliasCount: 100, prettyErrors: false });
  } catch (cause) {
    throw new ConfigurationError([`the file ${file} is not YAML`], { cause });
  }
  if (content === null) return {};
  if (typeof content !== 'object' || Array.isArray(content)) throw new ConfigurationError([`the file ${file} is not a map of settings`]);
  return content;
}

interface TypedSetting extends Omit<EnvironmentSetting, 'text'> {
  readonly text: unknown;
}

function withSettings(file: object, settings: readonly TypedSetting[]): unknown {
  const root: unknown = structuredClone(file);
  for (const { path, text, variable } of settings) place(root, path, text, variable);
  return root;
}

function place(root: unknown, path: readonly string[], value: unknown, variable: string): void {
  let parent = root as Record<string, unknown>;
  for (const [depth, segment] of path.entries()) {
    if (depth === path.length - 1) {
      parent[segment] = value;
      return;
    }
    const child = (parent[segment] ??= /^[0-9]+$/.test(path[depth + 1] ?? '') ? [] : {});
    if (typeof child !== 'object') throw new ConfigurationError([`${path.join('.')}: ${variable} goes below a setting that has a value`]);
    parent = child as Record<string, unknown>;
  }
}

function wantsOtherType(issues: readonly z.core.$ZodIssue[], path: readonly string[]): boolean {
  return issues.some((issue) => {
    if (issue.path.map(String).join('.') !== path.join('.')) return false;
    if (issue.code === 'invalid_union') return issue.errors.some((branch) => wantsOtherType(branch, []));
    return issue.code === 'invalid_type' && READ_AS_YAML.has(issue.expected);
  });
}

function readAsYaml(setting: EnvironmentSetting): TypedSetting {
  try {
    return { ...setting, text: parseYaml(setting.text, { prettyErrors: false }) as unknown };
  } catch {
    return setting;
  }
}

function describe(issue: z.core.$ZodIssue, settings: readonly EnvironmentSetting[]): string[] {
  const path = issue.path.map(String).join('.');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const name = path === '' ? key : `${path}.${key}`;
      return `${name}: there is no such setting${origin(name, settings)}`;
    });
  }
  return [`${path === '' ? 'the configuration' : path}: ${issue.message}${origin(path, settings)}`];
}

function origin(name: string, settings: readonly EnvironmentSetting[]): string {
  const setting = settings.find(({ path }) => path.join('.') === name);
  return setting === undefined ? '' : ` (from ${setting.variable})`;
}
