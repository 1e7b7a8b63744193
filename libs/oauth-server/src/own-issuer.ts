import { ConfigurationError } from '@uma-federation/nest-kit';
import { parseDomain, parseIssuer, type Issuer } from '@uma-federation/uma-core';

/**
 * The issuer identifier of a server of this house: an origin. An issuer without a path has one form of every well-known address (protocol.md C22).
 * @param setting name of the setting, for the message
 * @throws ConfigurationError when it is not an https origin (or, with `allowLoopback`, an http one on loopback)
 */
export function requireOwnIssuer(text: string, setting: string, allowLoopback: boolean): Issuer {
  const issuer = parseIssuer(text, { allowLoopback });
  if (issuer === undefined || new URL(issuer).origin !== issuer) {
    throw new ConfigurationError([`${setting}: an https origin such as https://as.example.org is needed (http on loopback with development.addressMap)`]);
  }
  return issuer;
}

/** @throws ConfigurationError unless all are lower-case A-labels of at least two labels */
export function requireEmailDomains(domains: readonly string[], setting: string): void {
  const wrong = domains.filter((domain) => parseDomain(domain) !== domain);
  if (wrong.length > 0) throw new ConfigurationError(wrong.map(() => `${setting}: a lower-case A-label of at least two labels is needed`));
}
