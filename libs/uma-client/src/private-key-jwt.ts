import { encodeBase64Url } from '@uma-federation/uma-core';
import type { Clock, JsonObject, Randomness } from '@uma-federation/uma-core';
import { SignJWT, type CryptoKey } from 'jose';

/** A key with which this client authenticates. */
export interface ClientKey {
  readonly key: CryptoKey;
  /** One that the server accepts for this client, for example `ES256`. */
  readonly algorithm: string;
  /** `kid` of the key in the client's JWK Set; the servers of this project find no key without it. */
  readonly keyId?: string | undefined;
}

/** Signs an assertion somewhere else, a key vault for example, and returns the compact JWS with the header `typ` it was given. */
export type SignClientAssertion = (claims: JsonObject, typ: string) => Promise<string>;

/** RFC 10070 explicit typing: an assertion is nothing else. */
const CLIENT_AUTHENTICATION_TYPE = 'client-authentication+jwt';
const LIFETIME_SECONDS = 60;

/**
 * Makes a client assertion (RFC 7523 3; RFC 10070: the audience is the issuer alone, as a string), good for 60 seconds and for one use.
 * @param issuer issuer identifier of the server that is asked; a server of another name cannot use the assertion (A70)
 */
export async function mintClientAssertion(
  signer: ClientKey | SignClientAssertion,
  { clientId, issuer }: { readonly clientId: string; readonly issuer: string },
  { clock, randomness }: { readonly clock: Clock; readonly randomness: Randomness },
): Promise<string> {
  const now = clock.now();
  const claims = { iss: clientId, sub: clientId, aud: issuer, iat: now, exp: now + LIFETIME_SECONDS, jti: encodeBase64Url(randomness.bytes(32)) };
  if (typeof signer === 'function') return signer(claims, CLIENT_AUTHENTICATION_TYPE);
  const { key, algorithm, keyId } = signer;
  const header = { alg: algorithm, typ: CLIENT_AUTHENTICATION_TYPE, ...(keyId === undefined ? {} : { kid: keyId }) };
  return new SignJWT(claims).setProtectedHeader(header).sign(key);
}
