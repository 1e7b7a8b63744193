import type { EmailAddress } from '../model/email-address.ts';
import type { Issuer } from '../model/ids.ts';
import type { VerificationKeys } from './signatures.ts';

/** Which authorization server of an e-mail domain is asked for. */
export type IssuerRole =
  /** AS-RqP: vouches for the people of the domain (WebFinger rel of OpenID Connect Discovery). */
  | 'requesting-party'
  /** AS-RO: decides over the resources of the domain's people. */
  | 'resource-owner';

/** Knows strangers: which issuer is authoritative for an e-mail domain, and an issuer's keys (protocol.md section 6). */
export interface IssuerDirectory {
  /**
   * The issuer that the address's domain names for this role, its metadata checked (RFC 8414 3.3).
   * May be stale by at most the cache lifetime (10 minutes).
   * @throws DiscoveryFailure when no issuer can be established
   */
  issuerFor(address: EmailAddress, role: IssuerRole): Promise<Issuer>;
  /**
   * The keys of an issuer, from the `jwks_uri` of its own metadata. Nothing is fetched before the first `find`.
   * An unknown key id causes at most one refetch per 60 s and issuer (A44).
   */
  keysOf(issuer: Issuer): VerificationKeys;
  /**
   * Makes sure that somebody is an authorization server that takes permission tickets: its own metadata say so (RFC 8414 3.3; UMA Grant 2).
   * May be stale by at most the cache lifetime (10 minutes).
   * @throws DiscoveryFailure when they do not, or cannot be had
   */
  requireUmaServer(issuer: Issuer): Promise<void>;
}
