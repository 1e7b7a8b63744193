import { DiscoveryFailure, type Issuer, type JsonValue } from '@uma-federation/uma-core';
import { z } from 'zod';
import { cacheLifetimeSeconds } from './cache-lifetime.ts';
import type { GuardedFetch } from './guarded-fetch.ts';
import { checkStrangerUrl } from './url-policy.ts';

/** What is used of a stranger's metadata (RFC 8414 2). */
export interface AuthorizationServerMetadata {
  readonly issuer: Issuer;
  readonly jwksUri: string;
  /** Empty when it does not say. */
  readonly grantTypes: readonly string[];
  readonly lifetimeSeconds: number;
}

const Metadata = z.object({ issuer: z.string(), jwks_uri: z.string(), grant_types_supported: z.array(z.string()).catch([]) });
const LIFETIME_CAP_SECONDS = 600;

/**
 * Fetches the metadata of an issuer from the issuer itself (RFC 8414 3; protocol.md 6.3, 8.2 A41).
 * The first form that does not answer 404 or 410 decides.
 * @returns its own words about itself, `jwks_uri` under the guard's URL policy
 * @throws DiscoveryFailure the guard's reasons; `metadata_not_found`, `metadata_status`, `metadata_malformed`, `issuer_mismatch`,
 *   `jwks_uri_forbidden`. Does not check what the server can do (grant types, methods).
 */
export async function fetchAuthorizationServerMetadata(fetch: GuardedFetch, issuer: Issuer): Promise<AuthorizationServerMetadata> {
  for (const url of metadataUrls(issuer)) {
    const answer = await fetch(url, { accept: ['application/json'] });
    if (answer.status === 404 || answer.status === 410) continue;
    if (answer.status !== 200) throw new DiscoveryFailure('metadata_status');
    return readMetadata(answer.json, issuer, cacheLifetimeSeconds(answer.headers, LIFETIME_CAP_SECONDS), fetch);
  }
  throw new DiscoveryFailure('metadata_not_found');
}

/**
 * Where an issuer's metadata may be: RFC 8414 3.1 inserts between host and path, OpenID Connect Discovery 4 and UMA Grant 2 append.
 * A terminating slash is removed first.
 */
export function metadataUrls(issuer: Issuer): readonly string[] {
  const { origin, pathname } = new URL(issuer);
  const path = pathname.replace(/\/$/, '');
  return [
    `${origin}/.well-known/oauth-authorization-server${path}`,
    `${origin}${path}/.well-known/openid-configuration`,
    `${origin}${path}/.well-known/uma2-configuration`,
  ];
}

function readMetadata(json: JsonValue | undefined, issuer: Issuer, lifetimeSeconds: number, fetch: GuardedFetch): AuthorizationServerMetadata {
  const document = Metadata.safeParse(json);
  if (!document.success) throw new DiscoveryFailure('metadata_malformed');
  // RFC 8414 3.3: the issuer MUST be identical to the identifier that the URL was built from, else the document MUST NOT be used.
  if (document.data.issuer !== issuer) throw new DiscoveryFailure('issuer_mismatch');
  try {
    checkStrangerUrl(document.data.jwks_uri, fetch.policy);
  } catch (cause) {
    throw new DiscoveryFailure('jwks_uri_forbidden', { cause });
  }
  return { issuer, jwksUri: document.data.jwks_uri, grantTypes: document.data.grant_types_supported, lifetimeSeconds };
}
