import { DiscoveryFailure, isIpLiteral, isLoopbackUrl, parseDomain } from '@uma-federation/uma-core';

/** Which URLs of strangers are asked at all. */
export interface UrlPolicy {
  /** TCP ports of https URLs; 443 alone by default. */
  readonly allowedPorts: readonly number[];
  /** Accept http and https on 127.0.0.1, [::1] and localhost: a development setting. */
  readonly allowLoopback: boolean;
}

/** https on port 443, nothing on loopback. */
export const STRICT_URL_POLICY: UrlPolicy = { allowedPorts: [443], allowLoopback: false };

/** Names below these are never public, beyond those that no e-mail domain may have (RFC 6761, RFC 6762 appendix G, RFC 8375, RFC 9476). */
const NEVER_PUBLIC = new Set(['arpa', 'alt', 'corp', 'intranet', 'private']);

/**
 * Parses a URL of a stranger and holds it against the policy, before any name is resolved (protocol.md 8.2 A37; security.md M1).
 * @param text the URL as the stranger spelled it
 * @returns the URL: https, a permitted port, a DNS name of at least two labels, no user information, no fragment
 * @throws DiscoveryFailure `url_malformed`, `url_userinfo`, `url_fragment`, `url_scheme`, `url_ip_literal`, `url_host`, `url_port`
 */
export function checkStrangerUrl(text: string, policy: UrlPolicy): URL {
  const url = parseUrl(text);
  const authority = /^[^:]*:\/*([^/?#]*)/.exec(text)?.[1] ?? '';
  if (url.username !== '' || url.password !== '' || authority.includes('@')) throw new DiscoveryFailure('url_userinfo');
  if (text.includes('#')) throw new DiscoveryFailure('url_fragment');
  if (policy.allowLoopback && isLoopbackUrl(url)) return url;
  if (url.protocol !== 'https:') throw new DiscoveryFailure('url_scheme');
  // The WHATWG parser has turned decimal, octal, hexadecimal and short spellings into dotted ones.
  if (isIpLiteral(url.hostname)) throw new DiscoveryFailure('url_ip_literal');
  if (!isPublicName(url.hostname)) throw new DiscoveryFailure('url_host');
  if (!policy.allowedPorts.includes(url.port === '' ? 443 : Number(url.port))) throw new DiscoveryFailure('url_port');
  return url;
}

function parseUrl(text: string): URL {
  // White space and backslashes are what URL parsers disagree about; U-labels come as A-labels.
  if (text.length > 2048 || !/^[\x21-\x7e]+$/.test(text) || text.includes('\\')) throw new DiscoveryFailure('url_malformed');
  try {
    return new URL(text);
  } catch (cause) {
    throw new DiscoveryFailure('url_malformed', { cause });
  }
}

function isPublicName(hostname: string): boolean {
  return parseDomain(hostname) === hostname && !NEVER_PUBLIC.has(hostname.slice(hostname.lastIndexOf('.') + 1));
}
