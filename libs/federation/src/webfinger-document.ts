import { parseEmailAddress, type Issuer } from '@uma-federation/uma-core';
import { OIDC_ISSUER_REL, RESOURCE_OWNER_ISSUER_REL } from './issuer-rels.ts';

/** What our own WebFinger endpoint publishes. */
export interface WebFingerSettings {
  /** Our e-mail domains, lower-case A-labels. */
  readonly domains: readonly string[];
  /** The domains' AS-RqP. */
  readonly requestingPartyIssuer: Issuer;
  /** The domains' AS-RO, if there is one. */
  readonly resourceOwnerIssuer?: Issuer | undefined;
}

/** An HTTP answer. */
export interface WebFingerAnswer {
  readonly status: 200 | 400 | 404;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** RFC 7033 5: resources are public to browsers of other origins. */
const CORS = { 'Access-Control-Allow-Origin': '*' };

/**
 * Answers `GET /.well-known/webfinger` (RFC 7033 4; protocol.md 6.1).
 * @param query the decoded query parameters
 * @returns 200 with the issuer links for every syntactically valid address of our domains, alike whether the person exists (no
 *   enumeration); 400 when `resource` is missing, repeated or malformed; 404 for everything that is not ours
 */
export function answerWebFinger(query: Pick<URLSearchParams, 'getAll'>, settings: WebFingerSettings): WebFingerAnswer {
  const [resource, ...repeated] = query.getAll('resource');
  const domain = resource === undefined || repeated.length > 0 ? undefined : domainOf(resource);
  if (domain === undefined) return { status: 400, headers: CORS, body: '' };
  if (!settings.domains.includes(domain)) return { status: 404, headers: CORS, body: '' };
  const rels = query.getAll('rel');
  const links = [
    { rel: OIDC_ISSUER_REL, href: settings.requestingPartyIssuer },
    ...(settings.resourceOwnerIssuer === undefined ? [] : [{ rel: RESOURCE_OWNER_ISSUER_REL, href: settings.resourceOwnerIssuer }]),
  ].filter(({ rel }) => rels.length === 0 || rels.includes(rel));
  return {
    status: 200,
    headers: { ...CORS, 'Content-Type': 'application/jrd+json', 'Cache-Control': 'public, max-age=600' },
    body: JSON.stringify({ subject: resource, links }),
  };
}

/**
 * The domain that a resource is about: `acct:` and `mailto:` addresses, and https URLs (OpenID Connect Discovery 1.0 section 2);
 * empty for other kinds of URI, undefined when malformed.
 */
function domainOf(resource: string): string | undefined {
  const address = /^(?:acct|mailto):(.*)$/is.exec(resource)?.[1];
  if (address !== undefined) return parseEmailAddress(percentDecoded(address) ?? '')?.domain;
  if (!URL.canParse(resource)) return undefined;
  const url = new URL(resource);
  return url.protocol === 'https:' ? url.hostname : '';
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
