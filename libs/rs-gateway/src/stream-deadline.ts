import { CLOCK_SKEW_SECONDS } from '@uma-federation/uma-core';

/**
 * When an answer that rests on a token has to end (A93).
 * @param expiresAt `exp` of the token, a NumericDate
 * @param now NumericDate at which the token was accepted; after `exp` only because clocks may differ
 * @returns milliseconds since 1970: `exp`, or the end of the tolerance for a token that lives on it already
 */
export function streamDeadlineEpochMs(expiresAt: number, now: number): number {
  return (now < expiresAt ? expiresAt : expiresAt + CLOCK_SKEW_SECONDS) * 1000;
}
