import type { Sha256 } from '../ports/sha-256.ts';
import type { PublicJwk } from '../ports/signatures.ts';
import { encodeBase64Url, encodeUtf8 } from './base64url.ts';
import { sha256 } from './ticket-hash.ts';

/** RFC 7638 3.2, RFC 8037 2: the required members of each key type, in lexicographic order. */
const REQUIRED_MEMBERS: ReadonlyMap<string, readonly (keyof PublicJwk)[]> = new Map([
  ['EC', ['crv', 'kty', 'x', 'y']],
  ['OKP', ['crv', 'kty', 'x']],
  ['RSA', ['e', 'kty', 'n']],
]);

/**
 * RFC 7638 SHA-256 thumbprint of a public key.
 * @param jwk an EC, OKP or RSA key; other members than the required ones do not count
 * @returns 43 base64url characters
 * @throws TypeError for another key type or when a required member is missing
 */
export async function jwkThumbprint(jwk: PublicJwk, digest: Sha256 = sha256): Promise<string> {
  const members = REQUIRED_MEMBERS.get(jwk.kty);
  if (members === undefined || members.some((name) => jwk[name] === undefined)) throw new TypeError('The key has no RFC 7638 thumbprint');
  const canonical = JSON.stringify(Object.fromEntries(members.map((name) => [name, jwk[name]])));
  return encodeBase64Url(await digest(encodeUtf8(canonical)));
}
