import { parseChallenges, serialiseChallenge } from './challenges.ts';

/** The `UMA` challenge (UMA Grant 3.2.1) with the extension members of the correlated flow (protocol.md 1.9). */
export interface UmaChallenge {
  readonly realm?: string | undefined;
  /** The issuer of the authorization server, not an endpoint. */
  readonly asUri: string;
  readonly ticket: string;
  readonly resourceClaimsToken?: string | undefined;
  readonly issuedTokenType?: string | undefined;
}

/** Serialises the challenge for `WWW-Authenticate`. @throws RangeError for characters that a header cannot carry (A94) */
export function serialiseUmaChallenge(challenge: UmaChallenge): string {
  return serialiseChallenge('UMA', {
    realm: challenge.realm,
    as_uri: challenge.asUri,
    ticket: challenge.ticket,
    resource_claims_token: challenge.resourceClaimsToken,
    issued_token_type: challenge.issuedTokenType,
  });
}

/**
 * Finds the `UMA` challenge in a `WWW-Authenticate` value.
 * @returns undefined when there is none, when there are several, or when `as_uri` or `ticket` is missing. Checks no duty of the client.
 */
export function parseUmaChallenge(header: string): UmaChallenge | undefined {
  const found = parseChallenges(header)?.filter(({ scheme }) => scheme.toLowerCase() === 'uma') ?? [];
  const [challenge] = found;
  if (found.length !== 1 || challenge === undefined) return undefined;
  const { parameters } = challenge;
  const asUri = parameters.get('as_uri');
  const ticket = parameters.get('ticket');
  if (asUri === undefined || ticket === undefined) return undefined;
  return {
    realm: parameters.get('realm'),
    asUri,
    ticket,
    resourceClaimsToken: parameters.get('resource_claims_token'),
    issuedTokenType: parameters.get('issued_token_type'),
  };
}
