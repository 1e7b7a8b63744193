import { TOKEN_TYPES, isLoopbackUrl, parseIssuer } from '@uma-federation/uma-core';
import type { JsonObject } from '@uma-federation/uma-core';
import type { Challenge } from './challenge.ts';
import { identifiesUrl } from './covers-url.ts';
import type { TrustedResourceServer } from './options.ts';
import { UmaError } from './uma-error.ts';
import { readUnverifiedClaims } from './unverified-claims.ts';

/** What this client knows about resource servers beforehand. */
export interface KnownResources {
  readonly trustedResourceServers: readonly TrustedResourceServer[];
  readonly resourcePrefixes: readonly string[];
}

/**
 * The client duties that need nothing but the challenge (protocol.md 1.9), before anything is sent to anybody.
 * Does not check: signatures, times, duty (iv) (`checkCopiesAgree`), the resource server's metadata (`checkResourceMetadata`).
 * @param url the URL that was requested, as fetch normalised it
 * @throws UmaError of the category `duty`
 */
export function checkChallenge(challenge: Challenge, url: URL, known: KnownResources): void {
  if (challenge.resourceClaimsToken === undefined) {
    checkConfigured(challenge.asUri, url, known);
    return;
  }
  checkNamedServer(challenge.asUri, url, known);
  checkResourceClaims(challenge.resourceClaimsToken, challenge.asUri, url, known.resourcePrefixes);
}

/**
 * What holds for every authorization server that a resource server names: its issuer is secure, and a configured resource server
 * names no other than its own.
 * @throws UmaError `insecure_url`, `issuer_mismatch`
 */
export function checkNamedServer(asUri: string, url: URL, known: KnownResources): void {
  checkTransport(asUri, url);
  checkConfiguredPair(asUri, url, known.trustedResourceServers);
}

/**
 * The same where nothing proves that resource server and authorization server belong together: duty (vi) allows the configured pair only.
 * @throws UmaError `insecure_url`, `challenge_stripped`
 */
export function checkConfigured(asUri: string, url: URL, known: KnownResources): void {
  checkTransport(asUri, url);
  checkStripping(asUri, url, known.trustedResourceServers);
}

/**
 * Duties (i) and (ii) for one resource claims token: that of a challenge, or the fresh one of a `need_info` (Decision D1).
 * @throws UmaError `challenge_malformed`, `resource_mismatch` or `issuer_mismatch`
 */
export function checkResourceClaims(token: string, asUri: string, url: URL, prefixes: readonly string[]): void {
  const claims = readUnverifiedClaims(token, TOKEN_TYPES.resourceClaims, 'challenge_malformed');
  checkResource(claims, url, prefixes);
  checkIssuer(claims, asUri);
}

/** Duty (i): RCT.aud must equal the URL just requested. A relayed challenge of another resource server fails here (A1). */
function checkResource(claims: JsonObject, url: URL, prefixes: readonly string[]): void {
  const audience = claims['aud'];
  if (typeof audience !== 'string' || !identifiesUrl(audience, url, prefixes)) throw new UmaError('resource_mismatch', { step: 4 });
}

/** Duty (ii): RCT.iss == as_uri, code point by code point (RFC 8414 4). A mix-up of authorization servers fails here (A8). */
function checkIssuer(claims: JsonObject, asUri: string): void {
  if (claims['iss'] !== asUri) throw new UmaError('issuer_mismatch', { step: 4 });
}

/** Duty (vi): no RCT in the challenge → continue only for a pre-configured RS/AS pair (A1b). */
function checkStripping(asUri: string, url: URL, trusted: readonly TrustedResourceServer[]): void {
  const configured = trusted.some(({ origin, asUri: expected }) => origin === url.origin && expected === asUri);
  if (!configured) throw new UmaError('challenge_stripped', { step: 4 });
}

/** A configured resource server names its configured authorization server and no other, whatever the challenge carries. */
function checkConfiguredPair(asUri: string, url: URL, trusted: readonly TrustedResourceServer[]): void {
  const pairs = trusted.filter(({ origin }) => origin === url.origin);
  if (pairs.length > 0 && !pairs.some((pair) => pair.asUri === asUri)) throw new UmaError('issuer_mismatch', { step: 4 });
}

/**
 * No token goes over plain http (RFC 6750 5.2), and an issuer is an https URL (RFC 8414 2). Loopback is excepted, but only a resource
 * server that is itself on loopback may name an issuer there: others must not steer requests into this machine.
 */
function checkTransport(asUri: string, url: URL): void {
  const local = isLoopbackUrl(url);
  const issuer = parseIssuer(asUri, { allowLoopback: local });
  if (issuer === undefined || !(local || url.protocol === 'https:')) throw new UmaError('insecure_url', { step: 4 });
}
