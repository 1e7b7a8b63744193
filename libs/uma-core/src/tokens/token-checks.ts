import type { SignatureVerifier, VerificationKeys } from '../ports/signatures.ts';
import { CLOCK_SKEW_SECONDS, type ClaimRule } from './claim-rules.ts';
import { keyFitsAlgorithm } from './key-fits-algorithm.ts';
import type { CompactJws } from './parse-compact-jws.ts';
import { tokenFault, type TokenFaultReason } from './token-faults.ts';

/** The time claims of a token, as NumericDates. */
export interface TimeClaims {
  readonly iat: number;
  readonly exp: number;
  readonly nbf?: number | undefined;
}

/**
 * Refuses a token of another kind (RFC 8725 3.11; A4, A50).
 * @throws TokenFault `wrong_typ` (integrity)
 */
export function requireType(jws: { readonly header: { readonly typ: string } }, rule: ClaimRule): void {
  if (!rule.types.includes(jws.header.typ)) throw tokenFault('wrong_typ');
}

/**
 * Compares two identifiers code point by code point: no normalisation, no prefix, no trailing slash (A31, A56).
 * @throws TokenFault with the reason (integrity) when they differ
 */
export function requireSame(actual: string, expected: string, reason: TokenFaultReason): void {
  if (actual !== expected) throw tokenFault(reason);
}

/**
 * Verifies the signature with the key that the header names.
 * @throws TokenFault `unknown_key` (curable: keys rotate), `unfit_key` or `bad_signature` (integrity)
 * @throws DiscoveryFailure of `keys`, unchanged
 */
export async function requireSignature(jws: CompactJws, keys: VerificationKeys, signatures: SignatureVerifier): Promise<void> {
  const { alg, kid } = jws.header;
  const key = await keys.find(kid, alg);
  if (key === undefined) throw tokenFault('unknown_key');
  if ((key.kid !== undefined && key.kid !== kid) || !keyFitsAlgorithm(key, alg)) throw tokenFault('unfit_key');
  if (!(await signatures.verify(alg, key, jws.signingInput, jws.signature))) throw tokenFault('bad_signature');
}

/**
 * Checks `iat`, `nbf` and `exp` against the clock and the lifetime that the kind of token may have (RFC 7519 4.1.4, 4.1.5; A55).
 * The skew is 60 s on either side: a token is good while `max(iat, nbf) - 60 <= now < exp + 60`.
 * @param times NumericDates
 * @param maxLifetimeSeconds the longest time from `iat` to `exp`, inclusive
 * @param now NumericDate
 * @throws TokenFault `times_out_of_order`, `lifetime_too_long` (integrity), `expired` or `not_yet_valid` (curable)
 */
export function requireTimes(times: TimeClaims, maxLifetimeSeconds: number, now: number): void {
  const notBefore = Math.max(times.iat, times.nbf ?? times.iat);
  if (times.exp < notBefore) throw tokenFault('times_out_of_order');
  if (times.exp - times.iat > maxLifetimeSeconds) throw tokenFault('lifetime_too_long');
  // RFC 7519 4.1.4: "the current date/time MUST be before the expiration date/time".
  if (now >= times.exp + CLOCK_SKEW_SECONDS) throw tokenFault('expired');
  // RFC 7519 4.1.5: "the current date/time MUST be after or equal to the not-before date/time".
  if (now < notBefore - CLOCK_SKEW_SECONDS) throw tokenFault('not_yet_valid');
}
