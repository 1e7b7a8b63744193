import { DiscoveryFailure, parseIssuer, type EmailAddress, type Issuer, type IssuerRole } from '@uma-federation/uma-core';
import type { GuardedFetch } from './guarded-fetch.ts';
import { relsOfRole } from './issuer-rels.ts';
import { NEGATIVE_SECONDS } from './discovery-cache.ts';
import { lookUpIssuer } from './webfinger.ts';

/** What was found for an address, and for whom it may be remembered. */
export interface DiscoveredIssuer {
  readonly outcome: { readonly issuer: Issuer } | { readonly failure: DiscoveryFailure };
  /** `domain`: it holds for every address of the domain. `address`: another address of the domain may fare otherwise. */
  readonly holdsFor: 'domain' | 'address';
  readonly lifetimeSeconds: number;
}

/** Faults on the way to the domain's server, whoever is asked about. */
const TRANSPORT_REASONS = new Set(['dns_failure', 'address_forbidden', 'connection_failure', 'tls_failure', 'timeout', 'url_host']);

/**
 * Finds the issuer that an address's domain names for a role (protocol.md 6.2 steps 3 to 5; Decision D6).
 * @param checkMetadata fetches the candidate's metadata and throws DiscoveryFailure when it does not stand by the identifier
 * @returns the issuer or the failure. A WebFinger link and a transport fault hold for the domain; a 404 for one address does not (RFC 7033
 *   servers say 404 for unknown people), so that a made-up local part decides nothing for others.
 */
export async function discoverIssuer(
  fetch: GuardedFetch,
  address: EmailAddress,
  role: IssuerRole,
  checkMetadata: (issuer: Issuer) => Promise<unknown>,
): Promise<DiscoveredIssuer> {
  let holdsFor: 'domain' | 'address' | undefined;
  try {
    const published = await lookUpIssuer(fetch, address, relsOfRole(role));
    holdsFor = published.kind === 'issuer' ? 'domain' : 'address';
    const issuer = published.kind === 'issuer' ? published.issuer : fallbackIssuer(address);
    await checkMetadata(issuer);
    return { outcome: { issuer }, holdsFor, lifetimeSeconds: published.kind === 'issuer' ? published.lifetimeSeconds : 600 };
  } catch (error) {
    if (!(error instanceof DiscoveryFailure)) throw error;
    holdsFor ??= TRANSPORT_REASONS.has(error.reason) ? 'domain' : 'address';
    return { outcome: { failure: error }, holdsFor, lifetimeSeconds: NEGATIVE_SECONDS };
  }
}

/** Protocol.md 6.2 step 4: exactly `https://{domain}`, and no other spelling. */
function fallbackIssuer(address: EmailAddress): Issuer {
  const issuer = parseIssuer(`https://${address.domain}`);
  if (issuer === undefined) throw new DiscoveryFailure('url_host');
  return issuer;
}
