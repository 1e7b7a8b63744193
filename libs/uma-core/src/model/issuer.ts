import type { Issuer } from './ids.ts';

/** Which issuer identifiers are acceptable beyond plain https ones. */
export interface IssuerRules {
  /** Accept `http` (and IP literals) on loopback; a development setting that production configurations refuse. */
  readonly allowLoopback: boolean;
}

/**
 * Parses an issuer identifier (RFC 8414 2): an https URL without query, fragment or user information, spelled the way it is compared.
 * @returns the identifier unchanged, or undefined when it is not acceptable
 */
export function parseIssuer(text: string, rules: IssuerRules = { allowLoopback: false }): Issuer | undefined {
  if (text.length > 512 || /[\s\\?#]/u.test(text)) return undefined;
  const url = parseUrl(text);
  if (url === undefined || url.username !== '' || url.password !== '') return undefined;
  // Only one spelling per issuer: what the URL parser would rewrite (case, default port, dot segments) is refused.
  if (url.href !== text && url.href !== `${text}/`) return undefined;
  if (isLoopbackUrl(url)) return rules.allowLoopback ? (text as Issuer) : undefined;
  return url.protocol === 'https:' && !isIpLiteral(url.hostname) ? (text as Issuer) : undefined;
}

/** Whether the URL is http or https on 127.0.0.1, [::1] or localhost. */
export function isLoopbackUrl(url: URL): boolean {
  return ['http:', 'https:'].includes(url.protocol) && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
}

/** Whether a WHATWG URL hostname is an IP literal (the URL parser has turned decimal, octal and hex forms into dotted ones). */
export function isIpLiteral(hostname: string): boolean {
  return hostname.startsWith('[') || /^[0-9]+(\.[0-9]+){3}$/.test(hostname);
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text);
  } catch {
    return undefined;
  }
}
