/**
 * RFC 9110 7.6.1 and RFC 9113 8.2.2: fields that concern one connection only. `Expect` and `HTTP2-Settings` belong
 * to our own connection with the client; `Proxy` would become the HTTP_PROXY variable of a CGI upstream.
 */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-authentication-info',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'http2-settings',
]);

// Field names repeat from request to request; the bound keeps a client from filling memory with its own.
const MAX_REMEMBERED = 1_000;
const MAX_REMEMBERED_LENGTH = 64;
const remembered = new Map<string, string>();

/**
 * Folds a field name the way CGI-like backends do: case does not matter, and neither does which separator stands
 * between the words, so `X_RqP_Email` and `X.RqP.Email` are `x-rqp-email`.
 *
 * @param name a field name
 * @returns lower case, every character but letters and digits turned into `-`
 */
export function normalisedName(name: string): string {
  const known = remembered.get(name);
  if (known !== undefined) return known;
  const folded = name.toLowerCase().replace(/[^a-z0-9]/g, '-');
  if (remembered.size < MAX_REMEMBERED && name.length <= MAX_REMEMBERED_LENGTH) remembered.set(name, folded);
  return folded;
}

/**
 * Finds the fields a sender declared to be for this connection only (RFC 9110 7.6.1).
 *
 * @param rawHeaders alternating names and values
 * @returns the normalised names listed by all `Connection` fields
 */
export function connectionNames(rawHeaders: readonly string[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (normalisedName(rawHeaders[index] ?? '') !== 'connection') continue;
    for (const option of (rawHeaders[index + 1] ?? '').split(',')) names.add(normalisedName(option.trim()));
  }
  return names;
}
