import type { SubjectToken } from '@uma-federation/uma-client';
import { parseEmailAddress } from '@uma-federation/uma-core';
import { decodeProtectedHeader } from 'jose';
import type { TokenEndpointResponse, TokenEndpointResponseHelpers } from 'openid-client';
import { SignInError } from './sign-in-error.ts';

/** A person who signed in. */
export interface SignedIn {
  readonly subjectToken: SubjectToken;
  /** NumericDate. */
  readonly expiresAt: number;
  /** What proves the person to the owner API of their own AS-RO. */
  readonly idToken?: { readonly token: string; readonly expiresAt: number } | undefined;
}

/** A token whose lifetime nobody named is kept this long. */
const DEFAULT_LIFETIME_SECONDS = 60;

/**
 * Reads the identity provider's answer. The access token is the subject token when it is an `at+jwt` (RFC 9068) and so names AS-RqP
 * as its audience; an opaque one is of no use to AS-RqP without introspection, so then it is the ID token.
 * @param email who was to sign in
 * @param now NumericDate
 * @throws SignInError when somebody else signed in, or when the ID token does not say who did
 */
export function readSignIn(tokens: TokenEndpointResponse & TokenEndpointResponseHelpers, email: string, now: number): SignedIn {
  const claims = tokens.claims();
  if (claims === undefined || tokens.id_token === undefined) throw new SignInError('The identity provider did not say who signed in.');
  const signedIn = typeof claims['email'] === 'string' ? parseEmailAddress(claims['email'])?.address : undefined;
  if (signedIn !== email) throw new SignInError(`${signedIn ?? 'Somebody without an e-mail address'} signed in instead of ${email}.`);
  const idToken = { token: tokens.id_token, expiresAt: claims.exp };
  if (isAccessTokenJwt(tokens.access_token)) {
    const expiresAt = now + (tokens.expiresIn() ?? DEFAULT_LIFETIME_SECONDS);
    return { subjectToken: { token: tokens.access_token, type: 'access_token' }, expiresAt, idToken };
  }
  return { subjectToken: { token: tokens.id_token, type: 'id_token' }, expiresAt: claims.exp, idToken };
}

function isAccessTokenJwt(token: string): boolean {
  try {
    return /^(application\/)?at\+jwt$/i.test(decodeProtectedHeader(token).typ ?? '');
  } catch {
    return false;
  }
}
