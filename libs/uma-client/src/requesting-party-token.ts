import { UmaError } from './uma-error.ts';

/** An RPT as this client keeps it: opaque, with the one origin it may be sent to. */
export interface GrantedToken {
  readonly token: string;
  readonly scheme: 'Bearer' | 'DPoP';
  /** Origin in RCT.aud, which duty (i) found equal to that of the requested URL. */
  readonly origin: string;
  /** The AS-RO that issued it: nobody else but the resource server ever sees it (G54). */
  readonly issuer: string;
  /** Goes to `issuer` only. */
  readonly refreshToken?: string | undefined;
  /** NumericDate until which it may be used again; undefined when the server did not say. */
  readonly expiresAt?: number | undefined;
}

/**
 * Client duty (v), protocol.md 1.9: send the RPT only to the origin in RCT.aud.
 * @throws UmaError `resource_mismatch`
 */
export function checkTokenTarget(token: Pick<GrantedToken, 'origin'>, url: URL): void {
  if (token.origin !== url.origin) throw new UmaError('resource_mismatch', { step: 9 });
}

/**
 * The token answer says whom the token is for (draft-mcguinness-oauth-resource-token-resp): it must be the server that was asked (A1).
 * @param resource `resource` of the token answer; undefined when it does not say
 * @throws UmaError `resource_mismatch`
 */
export function checkAnsweredResource(resource: string | undefined, url: URL): void {
  if (resource === undefined) return;
  if (!URL.canParse(resource) || new URL(resource).origin !== url.origin) throw new UmaError('resource_mismatch', { step: 8 });
}
