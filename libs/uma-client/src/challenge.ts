import { parseChallenges, parseUmaChallenge } from '@uma-federation/uma-core';
import type { JsonObject, UmaChallenge } from '@uma-federation/uma-core';
import { UmaError } from './uma-error.ts';

/** A 401 of a resource server that asks for the dance. */
export interface Challenge extends UmaChallenge {
  /** RFC 9728 5.1: `resource_metadata` of another challenge in the same answer. */
  readonly resourceMetadata?: string | undefined;
}

/** Whether the header has a `UMA` challenge, well formed or not. */
export function hasUmaChallenge(header: string): boolean {
  const challenges = parseChallenges(header);
  if (challenges === undefined) return /(^|[,\s])uma\s/i.test(header);
  return challenges.some(({ scheme }) => scheme.toLowerCase() === 'uma');
}

/**
 * Reads the challenges of a 401 (UMA Grant 3.2.1). Several header lines arrive joined with commas, which reads the same.
 * Checks no duty: see `checkChallenge`.
 * @throws UmaError `challenge_malformed` when the header is not well formed or has two `UMA` challenges
 */
export function readChallenge(header: string): Challenge {
  const challenge = parseUmaChallenge(header);
  if (challenge === undefined) throw new UmaError('challenge_malformed', { step: 4 });
  const locations = (parseChallenges(header) ?? []).flatMap(({ parameters }) => parameters.get('resource_metadata') ?? []);
  if (new Set(locations).size > 1) throw new UmaError('challenge_malformed', { step: 4 });
  return { ...challenge, resourceMetadata: locations[0] };
}

/**
 * Client duty (iv), protocol.md 1.9: header and body copies agree.
 * @param body the body of the 401 as a JSON object; one without any of the four members is no copy
 * @throws UmaError `copies_disagree` when a member differs, or is on one side only
 */
export function checkCopiesAgree(challenge: Challenge, body: JsonObject): void {
  const copies: readonly (readonly [string, string | undefined])[] = [
    ['as_uri', challenge.asUri],
    ['ticket', challenge.ticket],
    ['resource_claims_token', challenge.resourceClaimsToken],
    ['issued_token_type', challenge.issuedTokenType],
  ];
  if (!copies.some(([name]) => Object.hasOwn(body, name))) return;
  if (copies.some(([name, value]) => body[name] !== value)) throw new UmaError('copies_disagree', { step: 4 });
}
