import { rememberedByName } from './remembered-by-name.ts';

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

/**
 * Folds a field name the way CGI-like backends do: case does not matter, and neither does which separator stands
 * between the words, so `X_RqP_Email` and `X.RqP.Email` are `x-rqp-email`.
 *
 * @param name a field name
 * @returns lower case, every character but letters and digits turned into `-`
 */
export const normalisedName: (name: string) => string = rememberedByName((name) => name.toLowerCase().replace(/[^a-z0-9]/g, '-'));

const NO_NAMES: ReadonlySet<string> = new Set();

/**
 * Finds the fields a sender declared to be for this connection only (RFC 9110 7.6.1).
 *
 * @param rawHeaders alternating names and values
 * @returns the normalised names listed by all `Connection` fields
 */
export function connectionNames(rawHeaders: readonly string[]): ReadonlySet<string> {
  let names: Set<string> | undefined;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (normalisedName(rawHeaders[index] ?? '') !== 'connection') continue;
    names ??= new Set();
    for (const option of (rawHeaders[index + 1] ?? '').split(',')) names.add(normalisedName(option.trim()));
  }
  return names ?? NO_NAMES;
}
