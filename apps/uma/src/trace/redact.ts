import type { JsonValue } from '@uma-federation/uma-core';

/** Below this a shortened form would still give most of a secret away. */
const SHORTEST_SHOWN = 32;

/** Form parameters and body members that hold tokens, whatever they look like. */
const TOKEN_MEMBERS = new Set([
  'access_token', 'actor_token', 'claim_token', 'client_assertion', 'code', 'id_token', 'pct', 'pushed_claims', 'refresh_token',
  'resource_claims_token', 'rpt', 'subject_token', 'ticket', 'token',
]);
/** Those that hold secrets, of which nothing is shown. */
const SECRET_MEMBERS = new Set(['client_secret', 'password']);

const JWT = /eyJ[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]*){1,4}/g;
const QUERY_VALUE = /(?<=[?&][^=&#\s]*=)[^&#\s]{32,}/g;

/** Whether a member holds a token or a secret. */
export function isSecretMember(name: string): boolean {
  return TOKEN_MEMBERS.has(name) || SECRET_MEMBERS.has(name);
}

/** A token as it may be shown: the first 8 and last 4 characters of a long one, nothing of a short one, and its length. */
export function shorten(secret: string): string {
  const length = `(${secret.length} characters)`;
  return secret.length < SHORTEST_SHOWN ? length : `${secret.slice(0, 8)}…${secret.slice(-4)} ${length}`;
}

/** What is shown of a member that holds a token or a secret. */
export function showSecret(name: string, secret: string): string {
  return SECRET_MEMBERS.has(name) ? `(${secret.length} characters)` : shorten(secret);
}

/** Whether a value that is not known to be a secret looks like one: a long run of base64url, with dots or without. */
export function looksSecret(text: string): boolean {
  return text.length >= SHORTEST_SHOWN && /^[A-Za-z0-9_\-.~+=]+$/.test(text);
}

/**
 * Shortens whatever looks like a secret in a text: all of it, JWTs within it, long values in the query of a URL, and `known` ones.
 * @param known secrets that were seen before
 */
export function redactText(text: string, known: ReadonlySet<string>): string {
  let redacted = text;
  for (const secret of known) redacted = redacted.replaceAll(secret, shorten(secret));
  if (looksSecret(redacted)) return shorten(redacted);
  return redacted.replace(JWT, shorten).replace(QUERY_VALUE, shorten);
}

/** The same for every string in a JSON value. */
export function redactValue(value: JsonValue, known: ReadonlySet<string>): JsonValue {
  if (typeof value === 'string') return redactText(value, known);
  if (Array.isArray(value)) return value.map((item: JsonValue) => redactValue(item, known));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, typeof member === 'string' && isSecretMember(name) ? showSecret(name, member) : redactValue(member, known)]),
  );
}
