/** One challenge of a `WWW-Authenticate` header. The scheme keeps its spelling; parameter names are lower case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+/;
const TOKEN68 = /^[A-Za-z0-9\-._~+/]+=*/;

/**
 * Parses a `WWW-Authenticate` header value with one or several challenges (RFC 9110 11.6.1), also after several header lines were joined with commas.
 * @returns the challenges in order, or undefined when the value is not well formed or a parameter occurs twice in a challenge
 */
export function parseChallenges(header: string): readonly Challenge[] | undefined {
  if (header.length > 32_768) return undefined;
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  let rest = skipSeparators(header);
  while (rest !== '') {
    const name = TOKEN.exec(rest)?.[0];
    if (name === undefined) return undefined;
    const parameter = parseParameter(rest.slice(name.length));
    const current = challenges.at(-1);
    if (parameter !== undefined && current !== undefined) {
      const key = name.toLowerCase();
      if (current.parameters.has(key)) return undefined;
      current.parameters.set(key, parameter.value);
      rest = parameter.rest;
    } else {
      challenges.push({ scheme: name, parameters: new Map() });
      rest = skipToken68(rest.slice(name.length));
    }
    const next = skipSeparators(rest);
    if (next === rest && rest !== '') return undefined;
    rest = next;
  }
  return challenges;
}

/**
 * Serialises a challenge.
 * @throws RangeError when a value has control or non-ASCII characters (A94): a header is never built from them
 */
export function serialiseChallenge(scheme: string, parameters: Readonly<Record<string, string | undefined>>): string {
  const pairs = Object.entries(parameters).flatMap(([name, value]) => (value === undefined ? [] : [`${name}=${quotedString(value)}`]));
  return pairs.length === 0 ? scheme : `${scheme} ${pairs.join(', ')}`;
}

/** RFC 9110 5.6.4 quoted-string: `"` and `\` escaped. */
function quotedString(value: string): string {
  if (!/^[\x20-\x7e]*$/.test(value)) throw new RangeError('a challenge parameter has characters that a header cannot carry');
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** `= value` after a parameter name; undefined when what follows is not that (then the name was a scheme). */
function parseParameter(text: string): { value: string; rest: string } | undefined {
  const equals = /^[ \t]*=[ \t]*/.exec(text)?.[0];
  if (equals === undefined) return undefined;
  const rest = text.slice(equals.length);
  if (!rest.startsWith('"')) {
    const token = TOKEN.exec(rest)?.[0];
    return token === undefined ? undefined : { value: token, rest: rest.slice(token.length) };
  }
  const quoted = /^"((?:[^"\\]|\\.)*)"/.exec(rest);
  return quoted?.[1] === undefined ? undefined : { value: quoted[1].replace(/\\(.)/g, '$1'), rest: rest.slice(quoted[0].length) };
}

/** Skips the `token68` credentials of a challenge without parameters, such as `Negotiate abc==`. */
function skipToken68(text: string): string {
  const spaces = /^[ \t]+/.exec(text)?.[0];
  if (spaces === undefined) return text;
  const rest = text.slice(spaces.length);
  const token68 = TOKEN68.exec(rest)?.[0];
  if (token68 === undefined) return text;
  const after = rest.slice(token68.length);
  return /^[ \t]*(,|$)/.test(after) ? after : text;
}

function skipSeparators(text: string): string {
  return text.replace(/^[ \t,]+/, '');
}
