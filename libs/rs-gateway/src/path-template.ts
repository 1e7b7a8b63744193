import { canonicalTarget } from '@uma-federation/reverse-proxy';

/** Values of route variables by name, percent-decoded. */
export type Variables = Readonly<Record<string, string>>;

const VARIABLE = /\{([A-Za-z_][A-Za-z0-9_]*)(\*?)\}/g;
/** RFC 3986 3.3: pchar without ";", which the canonical form refuses; what `encodeURIComponent` would escape of it. */
const KEPT = /%(?:24|26|2B|2C|3A|3D|40)/g;

/** The names of the variables `{name}` and `{name*}` in a template, each once, in order. */
export function templateVariables(template: string): readonly string[] {
  return [...new Set([...template.matchAll(VARIABLE)].map(([, name = '']) => name))];
}

/**
 * Fills a text template such as `note {id} of {owner}`.
 * @throws Error (configuration) when a variable has no value
 */
export function renderText(template: string, variables: Variables): string {
  return template.replace(VARIABLE, (_whole, name: string) => valueOf(name, variables));
}

/**
 * Fills a path template such as `/users/{owner}/notes/{id}`. One set of values gives one spelling, whatever spelling a request had.
 * @param variables decoded values; that of `{name*}` may have slashes
 * @returns a path in canonical form
 * @throws Error (configuration) when a variable has no value, or AmbiguousTarget when the result would not be canonical
 */
export function renderPath(template: string, variables: Variables): string {
  const path = template.replace(VARIABLE, (_whole, name: string, star: string) => {
    const value = valueOf(name, variables);
    return (star === '' ? [value] : value.split('/')).map(encodeSegment).join('/');
  });
  if (canonicalTarget(path).path !== path) throw new Error(`the path ${JSON.stringify(path)} is not in canonical form`);
  return path;
}

function valueOf(name: string, variables: Variables): string {
  const value = Object.hasOwn(variables, name) ? variables[name] : undefined;
  if (value === undefined || value === '') throw new Error(`the variable ${JSON.stringify(name)} has no value`);
  return value;
}

function encodeSegment(value: string): string {
  return encodeURIComponent(value).replace(KEPT, decodeURIComponent);
}
