import { fixedKeys, forgeJws, type PrivateJwk } from '@uma-federation/testing';
import { GRANT_TYPES, type JsonObject } from '@uma-federation/uma-core';
import { AsRoUnderTest, encodeForm, ISSUER, OWNER_PROVIDER, type HarnessOptions } from '../harness.ts';
import { PUBLIC_APP, RS, type TestClient } from './clients.ts';
import type { Answer, Outgoing } from './send-request.ts';

export const REALM = '/realms/acme';
export const TOKEN = `${REALM}/protocol/openid-connect/token`;
export const INTROSPECTION = `${TOKEN}/introspect`;
export const RESOURCE_SET = `${REALM}/authz/protection/resource_set`;
export const PERMISSION = `${REALM}/authz/protection/permission`;
/** A person of the domain itself. */
export const CAROL = 'carol@acme.example';

/** A form; a text is sent as it is. */
export type Form = string | Readonly<Record<string, string | readonly string[] | undefined>>;

/** What a person's access token is to say instead; `undefined` removes a claim. */
export interface UserTokenChanges {
  readonly claims?: Record<string, unknown>;
  readonly header?: Record<string, unknown>;
  readonly key?: PrivateJwk;
}

/** An AS-RO whose alias is on. */
export function startWithAlias(settings: Record<string, unknown> = {}, options: HarnessOptions = {}): Promise<AsRoUnderTest> {
  return AsRoUnderTest.start({ ...options, settings: { keycloakAlias: { realm: 'acme', ...settings }, ...options.settings } });
}

/** An access token of the domain's OpenID Provider: Carol's, issued to the public app. */
export function userToken(asRo: AsRoUnderTest, { claims = {}, header = {}, key = fixedKeys.identityProvider }: UserTokenChanges = {}): string {
  const now = asRo.clock.now();
  const times = { iat: now, exp: now + 300, jti: Buffer.from(asRo.randomness.bytes(16)).toString('base64url') };
  const all = { iss: OWNER_PROVIDER, aud: ISSUER, sub: 'carol', client_id: PUBLIC_APP.id, email: CAROL, email_verified: true, ...times, ...claims };
  return forgeJws({ header: defined({ alg: 'ES256', kid: fixedKeys.identityProvider.kid, typ: 'at+jwt', ...header }), claims: defined(all), key });
}

/** An ID token of the provider: Carol's, for the public app. */
export function idToken(asRo: AsRoUnderTest, claims: Record<string, unknown> = {}): string {
  return userToken(asRo, { claims: { aud: PUBLIC_APP.id, client_id: undefined, ...claims }, header: { typ: 'JWT' } });
}

/** Posts a form to the alias. */
export function post(asRo: AsRoUnderTest, path: string, form: Form, headers: Outgoing['headers'] = {}): Promise<Answer> {
  const body = typeof form === 'string' ? form : encodeForm(form);
  return asRo.send(path, { method: 'POST', headers: { 'Content-type': 'application/x-www-form-urlencoded', ...headers }, body });
}

/** A uma-ticket request as keycloak-js makes it: the person's token in the header, the public app in the form. */
export function uma(asRo: AsRoUnderTest, form: Readonly<Record<string, string | readonly string[] | undefined>>, options: { token?: string; headers?: Outgoing['headers'] } = {}): Promise<Answer> {
  const authorization = { Authorization: `Bearer ${options.token ?? userToken(asRo)}` };
  return post(asRo, TOKEN, { grant_type: GRANT_TYPES.umaTicket, client_id: PUBLIC_APP.id, ...form }, { ...authorization, ...options.headers });
}

/** Credentials of a client for HTTP Basic authentication. */
export function basic({ id, secret }: TestClient = RS): string {
  return `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret ?? '')}`).toString('base64')}`;
}

/** A resource of Alice's that Carol may view, unless told otherwise. */
export async function sharedWithCarol(asRo: AsRoUnderTest, description: Record<string, unknown> = {}, share: Record<string, unknown> = {}): Promise<string> {
  const id = await asRo.register(description);
  await asRo.share(id, { grantee: { email: CAROL }, ...share });
  return id;
}

/** The body as the list that it is. */
export function listOf({ text }: Answer): unknown[] {
  return JSON.parse(text) as unknown[];
}

function defined(members: Record<string, unknown>): JsonObject {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as JsonObject;
}
