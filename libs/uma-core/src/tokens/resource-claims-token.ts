import { z } from 'zod';
import type { Issuer, TokenId } from '../model/ids.ts';
import { isIpLiteral, isLoopbackUrl, type IssuerRules, parseIssuer } from '../model/issuer.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import { CLAIM_RULES, TICKET_HASH_PATTERN, TOKEN_TYPES } from './claim-rules.ts';
import { identifier, issuerText, numericDate, parseClaims, singleAudience } from './claim-schemas.ts';
import type { MintDependencies, VerifyDependencies } from './mint-dependencies.ts';
import { boundedEnd, type MintedToken, mintToken } from './mint-token.ts';
import { type CompactJws, parseCompactJws } from './parse-compact-jws.ts';
import { ticketHash } from './ticket-hash.ts';
import { requireSignature, requireTimes, requireType } from './token-checks.ts';
import { tokenFault } from './token-faults.ts';

/** What a verified resource claims token says. */
export interface ResourceClaims {
  readonly issuer: Issuer;
  /** The requested resource: where the ticket came from, not a recipient of the token. */
  readonly resourceUri: string;
  /** H(ticket.sub), 43 characters. */
  readonly ticketHash: string;
  readonly tokenId: TokenId;
  /** NumericDate. */
  readonly expiresAt: number;
}

const resourceClaims = z.strictObject({
  iss: issuerText,
  // Protocol.md 1.7, RFC 7519 aud note: "aud of RCT is not a recipient"; it is never compared to the reader's identity.
  aud: singleAudience,
  sub: z.string().regex(TICKET_HASH_PATTERN),
  iat: numericDate,
  nbf: numericDate,
  exp: numericDate,
  jti: identifier,
});

/**
 * Mints a resource claims token (seed 003 step 2): who decides, over which resource, bound to which ticket.
 * @param input `nonce` of the ticket; `expiresAt` (NumericDate) is the ticket's `exp`, which the token never outlives
 * @throws TokenFault `expired` when the ticket's time is over
 */
export async function mintResourceClaimsToken(
  input: { readonly issuer: Issuer; readonly resourceUri: string; readonly nonce: string; readonly expiresAt: number },
  dependencies: MintDependencies,
): Promise<MintedToken> {
  const now = dependencies.clock.now();
  const expiresAt = boundedEnd(now, input.expiresAt, CLAIM_RULES.resourceClaims.maxLifetimeSeconds);
  const claims = { iss: input.issuer, aud: input.resourceUri, sub: await ticketHash(input.nonce, dependencies.sha256), nbf: now };
  return mintToken(TOKEN_TYPES.resourceClaims, claims, { now, expiresAt }, dependencies);
}

/** A resource claims token that was taken apart and not verified: nothing in it is to be believed. */
export interface UnverifiedResourceClaims {
  /** `iss` as a stranger wrote it. */
  readonly issuer: string;
  /** The rest, for `verifyResourceClaimsToken`. */
  readonly read: ReadClaims;
}

/**
 * The `iss` of what claims to be a resource claims token, for the allow list before any fetch (protocol.md 1.7; A11).
 * Does not check: anything but form and `typ`.
 * @throws TokenFault
 */
export function readResourceClaimsIssuer(token: string): UnverifiedResourceClaims {
  const read = readClaims(token);
  return { issuer: read.claims.iss, read };
}

/**
 * Verifies a resource claims token at AS-RqP (protocol.md 1.7; A3, A4, A10, A51).
 * Does not check: whether the issuer is allowed, and the owner behind `resource`. Both are the exchange's.
 * @param token the token, or what `readResourceClaimsIssuer` made of it
 * @param expected `keysOf` knows issuers' keys, `issuerRules` say whether loopback issuers and resources are acceptable
 * @throws TokenFault
 * @throws DiscoveryFailure of `keysOf`, unchanged
 */
export async function verifyResourceClaimsToken(
  token: string | UnverifiedResourceClaims,
  expected: { readonly keysOf: (issuer: Issuer) => VerificationKeys; readonly issuerRules: IssuerRules },
  dependencies: VerifyDependencies,
): Promise<ResourceClaims> {
  const { jws, claims } = typeof token === 'string' ? readClaims(token) : token.read;
  const issuer = parseIssuer(claims.iss, expected.issuerRules);
  if (issuer === undefined) throw tokenFault('wrong_issuer');
  await requireSignature(jws, expected.keysOf(issuer), dependencies.signatures);
  if (!isResourceUri(claims.aud, expected.issuerRules)) throw tokenFault('bad_resource_uri');
  requireTimes(claims, CLAIM_RULES.resourceClaims.maxLifetimeSeconds, dependencies.clock.now());
  return { issuer, resourceUri: claims.aud, ticketHash: claims.sub, tokenId: claims.jti as TokenId, expiresAt: claims.exp };
}

interface ReadClaims {
  readonly jws: CompactJws;
  readonly claims: z.infer<typeof resourceClaims>;
}

function readClaims(token: string): ReadClaims {
  const jws = parseCompactJws(token);
  requireType(jws, CLAIM_RULES.resourceClaims);
  // Protocol.md 5.5: "RCT never contains act → an RCT with act or may_act is rejected".
  if ('act' in jws.claims || 'may_act' in jws.claims) throw tokenFault('act_not_allowed');
  return { jws, claims: parseClaims(resourceClaims, jws.claims) };
}

function isResourceUri(text: string, rules: IssuerRules): boolean {
  if (/[\s\\#]/u.test(text) || !URL.canParse(text)) return false;
  const url = new URL(text);
  if (url.username !== '' || url.password !== '') return false;
  if (isLoopbackUrl(url)) return rules.allowLoopback;
  return url.protocol === 'https:' && !isIpLiteral(url.hostname);
}
