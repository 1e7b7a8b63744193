/** Signed in with a password. */
export const PASSWORD_ACR = 'urn:uma-federation:acr:pwd';

/** Signed in with a password and a one-time code. */
export const ONE_TIME_CODE_ACR = 'urn:uma-federation:acr:otp';

/** The classes this provider can reach, for `acr_values_supported`. */
export const SUPPORTED_ACRS: readonly string[] = [PASSWORD_ACR, ONE_TIME_CODE_ACR];

/** How somebody signed in: `acr` as OpenID Connect Core 2 defines it, `amr` with the values of RFC 8176 2. */
export interface AuthenticationContext {
  readonly acr: string;
  readonly amr: readonly string[];
}

/** Names the class and the methods of a sign-in with a password and, possibly, a one-time code. */
export function authenticationContext(withOneTimeCode: boolean): AuthenticationContext {
  return withOneTimeCode ? { acr: ONE_TIME_CODE_ACR, amr: ['pwd', 'otp'] } : { acr: PASSWORD_ACR, amr: ['pwd'] };
}

/** What a request wants of the sign-in. */
export type AcrDemand = { readonly kind: 'anything' } | { readonly kind: 'one-of'; readonly acrs: readonly string[] } | { readonly kind: 'impossible' };

/**
 * Reads `acr_values` (space-separated, in order of preference; OpenID Connect Core 3.1.2.1). RFC 9470 5: the server SHOULD
 * treat what it asks for as required, so values that this provider cannot reach at all are `impossible`, not ignored.
 */
export function acrDemand(acrValues: string | undefined): AcrDemand {
  const asked = (acrValues ?? '').split(' ').filter((value) => value !== '');
  if (asked.length === 0) return { kind: 'anything' };
  const acrs = asked.filter((value) => SUPPORTED_ACRS.includes(value));
  return acrs.length === 0 ? { kind: 'impossible' } : { kind: 'one-of', acrs };
}

/** Whether a sign-in of class `acr` satisfies the demand. */
export function satisfies(demand: AcrDemand, acr: string | undefined): boolean {
  if (demand.kind === 'anything') return true;
  return demand.kind === 'one-of' && acr !== undefined && demand.acrs.includes(acr);
}
