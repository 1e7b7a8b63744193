import { fixedKeys, forgeJws, type PrivateJwk } from '@uma-federation/testing';
import { GRANT_TYPES, TOKEN_TYPE_URNS, type DpopKey, type JsonObject } from '@uma-federation/uma-core';
import { ALICE, ISSUER, OWNER_PROVIDER, type AsRoUnderTest } from '../harness.ts';
import { BOOKS_RS, PHOTOS_RS, type TestClient } from './clients.ts';
import type { Answer } from './send-request.ts';

/** How the OpenID Provider calls a resource server. */
export function atProvider(server: TestClient): string {
  return server === BOOKS_RS ? 'books-at-id' : server.id;
}

/** Changes to a token that the provider issued. */
export interface Forgery {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: PrivateJwk;
}

/** The ID token of an owner who signed in at a resource server. */
export function idTokenAt(asRo: AsRoUnderTest, server: TestClient = PHOTOS_RS, email = ALICE, { claims = {}, header = {}, key }: Forgery = {}): string {
  const now = asRo.clock.now();
  const token = { iss: OWNER_PROVIDER, aud: atProvider(server), sub: `user of ${email.length}`, email, email_verified: true, iat: now, exp: now + 300, ...claims };
  return forged({ typ: 'JWT', ...header }, token, key);
}

/** The access token of such an owner, for this AS-RO. */
export function accessTokenAt(asRo: AsRoUnderTest, server: TestClient = PHOTOS_RS, email = ALICE, { claims = {}, header = {}, key }: Forgery = {}): string {
  const now = asRo.clock.now();
  const times = { iat: now, exp: now + 300, jti: Buffer.from(asRo.randomness.bytes(12)).toString('base64url') };
  const token = { iss: OWNER_PROVIDER, aud: ISSUER, client_id: atProvider(server), sub: `user of ${email.length}`, email, email_verified: true, ...times, ...claims };
  return forged({ typ: 'at+jwt', ...header }, token, key);
}

/** Asks for a PAT of an owner: by ID token unless the form says otherwise. */
export function exchange(
  asRo: AsRoUnderTest,
  form: Readonly<Record<string, string | readonly string[] | undefined>> = {},
  { server = PHOTOS_RS, dpop, method }: { server?: TestClient; dpop?: DpopKey; method?: 'post' | 'none' } = {},
): Promise<Answer> {
  const subject = { subject_token: idTokenAt(asRo, server), subject_token_type: TOKEN_TYPE_URNS.idToken };
  return asRo.tokenRequest({ grant_type: GRANT_TYPES.tokenExchange, ...subject, scope: 'uma_protection', ...form }, { client: server, dpop, method });
}

/** A PAT of an owner. */
export async function patOf(asRo: AsRoUnderTest, owner = ALICE, server: TestClient = PHOTOS_RS): Promise<string> {
  const { body } = await exchange(asRo, { subject_token: idTokenAt(asRo, server, owner) }, { server });
  return String(body['access_token']);
}

function forged(header: Record<string, unknown>, claims: Record<string, unknown>, key: PrivateJwk = fixedKeys.identityProvider): string {
  return forgeJws({ header: defined({ alg: 'ES256', kid: fixedKeys.identityProvider.kid, ...header }), claims: defined(claims), key });
}

function defined(members: Record<string, unknown>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}
