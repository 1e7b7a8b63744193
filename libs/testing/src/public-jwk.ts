import type { JsonObject, PublicJwk, VerificationKeys } from '@uma-federation/uma-core';

/** A private JWK of the tests: every member is a string. */
export type PrivateJwk = Readonly<Record<string, string>> & { readonly kty: string; readonly kid: string; readonly alg: string; readonly d: string };

const PUBLIC_MEMBERS = ['kty', 'crv', 'x', 'y', 'n', 'e', 'kid', 'alg'];

/** The public half of a private JWK. */
export function publicJwk(privateJwk: PrivateJwk): PublicJwk & JsonObject {
  const members = Object.entries(privateJwk).filter(([name]) => PUBLIC_MEMBERS.includes(name));
  return Object.fromEntries(members) as PublicJwk & JsonObject;
}

/** Keys that are found by their id alone, whatever the algorithm: the least careful implementation that the port allows. */
export function keysById(jwks: readonly PublicJwk[]): VerificationKeys {
  const byKeyId = new Map(jwks.map((jwk) => [jwk.kid, jwk]));
  return { find: async (keyId) => byKeyId.get(keyId) };
}
