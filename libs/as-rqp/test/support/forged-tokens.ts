import { fixedKeys, forgeJws, type PrivateJwk } from '@uma-federation/testing';
import type { JsonObject } from '@uma-federation/uma-core';

/** Members to set or, when undefined, to leave out. */
export type Changes = Readonly<Record<string, JsonObject[string] | undefined>>;

/** How a forged token differs from the good one. */
export interface Forgery {
  readonly claims?: Changes;
  readonly header?: Changes;
  /** Signs instead of the right key; the header names its `kid` and `alg` unless it says otherwise. */
  readonly key?: PrivateJwk;
  readonly signature?: (valid: Uint8Array) => Uint8Array;
}

/** H('uGZ1bVYq3sZ8b1m0oJcT5w'), the test vector of protocol.md 1.4. */
export const TICKET_HASH = '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g_oiWV30s-gH9OU';
export const ACME_AS = 'https://as.acme.example';
export const NOTE_URI = 'https://rs.acme.example/users/alice/notes/7';

let serial = 0;

/** A resource claims token of acme, good at `now` but for the forgery. */
export function resourceClaimsToken(now: number, forgery: Forgery = {}): string {
  const claims = { iss: ACME_AS, aud: NOTE_URI, sub: TICKET_HASH, iat: now, nbf: now, exp: now + 300, jti: nextId('rct') };
  return forge('uma-resource-claims+jwt', claims, fixedKeys.acme, forgery);
}

/** An access token of the identity provider for Bob, meant for AS-RqP and issued to the client `app`. */
export function accessToken(now: number, issuer: string, forgery: Forgery = {}): string {
  const claims = { ...person(now, issuer), aud: 'https://as.globex.example', client_id: 'app', jti: nextId('at') };
  return forge('at+jwt', claims, fixedKeys.identityProvider, forgery);
}

/** An ID token of the identity provider about Bob for the client `app`. */
export function idToken(now: number, issuer: string, forgery: Forgery = {}): string {
  return forge('JWT', { ...person(now, issuer), aud: 'app' }, fixedKeys.identityProvider, forgery);
}

/** A DPoP proof of the fixed key for AS-RqP's token endpoint. */
export function dpopProof(now: number, forgery: Forgery = {}): string {
  const key = forgery.key ?? fixedKeys.dpop;
  const { kty, crv, x, y } = key;
  const jwk = { kty, crv, x, y } as JsonObject;
  const claims = { jti: nextId('proof'), htm: 'POST', htu: 'https://as.globex.example/token', iat: now };
  return forge('dpop+jwt', claims, key, { ...forgery, header: { kid: undefined, jwk, ...forgery.header } });
}

/** Any token: `typ`, claims and the key that signs. */
export function forge(typ: string, claims: JsonObject, rightKey: PrivateJwk, { claims: otherClaims, header, key = rightKey, signature }: Forgery = {}): string {
  return forgeJws({
    header: changed({ alg: key.alg, kid: key.kid, typ }, header),
    claims: changed(claims, otherClaims),
    key,
    signature,
  });
}

function person(now: number, issuer: string): JsonObject {
  return {
    iss: issuer, sub: 'user-4711', iat: now, exp: now + 600,
    email: 'bob@globex.example', email_verified: true, name: 'Bob', groups: ['staff'],
    acr: 'urn:globex:loa:2', amr: ['pwd', 'otp'], auth_time: now - 30,
  };
}

/** The members with the changes; undefined ones are left out. */
export function changed(members: JsonObject, changes: Changes = {}): JsonObject {
  return Object.fromEntries(Object.entries({ ...members, ...changes }).filter((member) => member[1] !== undefined)) as JsonObject;
}

function nextId(kind: string): string {
  serial += 1;
  return `${kind}-${serial}`;
}
