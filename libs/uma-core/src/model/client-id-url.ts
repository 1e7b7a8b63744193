import { isIpLiteral, isLoopbackUrl, type IssuerRules } from './issuer.ts';

/** As long as a `client_id` may be in tokens. */
const MAX_LENGTH = 256;

/**
 * Parses a client id that is the URL of the client's metadata document (draft-ietf-oauth-client-id-metadata-document 2): https, a path, no dot
 * segments, no fragment, no user information; spelled the one way that the URL parser writes it, because it is compared as text.
 * @param rules `allowLoopback` also accepts http and IP literals on loopback: a development setting
 * @returns undefined when the id is none, also for one that could be another kind of id
 */
export function parseClientIdUrl(text: string, rules: IssuerRules = { allowLoopback: false }): URL | undefined {
  if (text.length > MAX_LENGTH || !/^https?:\/\/[\x21-\x7e]+$/.test(text) || /[\\#]/.test(text)) return undefined;
  const url = URL.parse(text);
  // What the parser rewrites (case, default ports, dot segments also when encoded) would be a second name for one client.
  if (url === null || url.href !== text || url.pathname === '/' || url.username !== '' || url.password !== '') return undefined;
  if (isLoopbackUrl(url)) return rules.allowLoopback ? url : undefined;
  return url.protocol === 'https:' && !isIpLiteral(url.hostname) ? url : undefined;
}
