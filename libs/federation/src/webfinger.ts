import { DiscoveryFailure, parseIssuer, type EmailAddress, type Issuer, type JsonValue } from '@uma-federation/uma-core';
import { z } from 'zod';
import { cacheLifetimeSeconds } from './cache-lifetime.ts';
import type { GuardedFetch } from './guarded-fetch.ts';

/** What a domain's WebFinger says about an address. */
export type IssuerLookup =
  | { readonly kind: 'issuer'; readonly issuer: Issuer; readonly lifetimeSeconds: number }
  /** A clean 404 or 410: the domain publishes nothing, and fallback discovery may be tried (Decision D6). */
  | { readonly kind: 'not_published' };

/** RFC 7033 4.4: unknown members are ignored. Links are looked at one by one, so that a broken one spoils no other. */
const Jrd = z.object({ subject: z.string().optional(), links: z.array(z.unknown()).optional() });
const JrdLink = z.object({ rel: z.string(), href: z.string() });
const LIFETIME_CAP_SECONDS = 600;

/**
 * Asks the address's own domain by WebFinger for an issuer (RFC 7033; protocol.md 6.1, 6.2 step 3).
 * @param rels link relations, the preferred one first; the next one counts only when no link has the one before
 * @returns the first acceptable `href`, or that nothing is published
 * @throws DiscoveryFailure the guard's reasons; `webfinger_status` for any status but 200, 404 and 410, and for those two behind a
 *   redirect; `jrd_malformed`, `subject_mismatch`, `no_issuer_link`. All are final: there is no fallback after them (D6, A43).
 *   Does not check that the issuer agrees: that is its metadata's part.
 */
export async function lookUpIssuer(fetch: GuardedFetch, address: EmailAddress, rels: readonly string[]): Promise<IssuerLookup> {
  const resource = acctUri(address);
  const query = [['resource', resource], ...rels.map((rel) => ['rel', rel])].map(([name, value]) => `${name}=${encodeURIComponent(value ?? '')}`);
  const url = `https://${address.domain}/.well-known/webfinger?${query.join('&')}`;
  const answer = await fetch(url, { accept: ['application/jrd+json', 'application/json'], maxRedirects: 2 });
  if ((answer.status === 404 || answer.status === 410) && answer.url === url) return { kind: 'not_published' };
  if (answer.status !== 200) throw new DiscoveryFailure('webfinger_status');
  return { kind: 'issuer', issuer: issuerIn(answer.json, resource, rels, fetch), lifetimeSeconds: cacheLifetimeSeconds(answer.headers, LIFETIME_CAP_SECONDS) };
}

/**
 * The `acct` URI of an address (RFC 7565 7): characters of the local part that a URI cannot hold are percent-encoded,
 * unreserved ones and sub-delims stay.
 */
export function acctUri(address: EmailAddress): string {
  return `acct:${address.localPart.replace(/[^A-Za-z0-9._~!$&'()*+,;=-]/g, encodeURIComponent)}@${address.domain}`;
}

function issuerIn(json: JsonValue | undefined, resource: string, rels: readonly string[], fetch: GuardedFetch): Issuer {
  const jrd = Jrd.safeParse(json);
  if (!jrd.success) throw new DiscoveryFailure('jrd_malformed');
  // A42: a document about somebody else says nothing about this address; aliases do not make up for it.
  if (jrd.data.subject !== undefined && jrd.data.subject !== resource) throw new DiscoveryFailure('subject_mismatch');
  const links = (jrd.data.links ?? []).flatMap((link) => JrdLink.safeParse(link).data ?? []);
  const rel = rels.find((wanted) => links.some((link) => link.rel === wanted));
  for (const link of links.filter((candidate) => candidate.rel === rel)) {
    const issuer = parseIssuer(link.href, { allowLoopback: fetch.policy.allowLoopback });
    if (issuer !== undefined) return issuer;
  }
  throw new DiscoveryFailure('no_issuer_link');
}
