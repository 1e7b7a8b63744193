import { z } from 'zod';
import type { JsonObject, JsonValue } from '../model/json.ts';
import { tokenFault } from './token-faults.ts';

/** RFC 7519 2 NumericDate, restricted to whole seconds (protocol.md 1.7) up to the year 2242. */
export const numericDate = z.number().int().min(0).max(2 ** 33);

/** A `jti`, client identifier or similar: visible ASCII, so that every store and log can hold it. */
export const identifier = z.string().regex(/^[\x21-\x7e]{1,256}$/);

/** An issuer identifier as text; whether it is an acceptable one is `parseIssuer`'s to say. */
export const issuerText = z.string().min(1).max(512);

/** A string of bounded length. */
export const shortText = z.string().min(1).max(1024);

/** A scope: RFC 6749 3.3 scope-token, which is also what UMA scopes must be to fit in a `scope` parameter. */
export const scopeToken = z.string().regex(/^[\x21\x23-\x5b\x5d-\x7e]{1,256}$/);

/** RFC 9449 6.1: `jkt`, a base64url SHA-256 thumbprint. Other confirmation methods are not understood, so they are refused. */
export const confirmation = z.strictObject({ jkt: z.string().regex(/^[A-Za-z0-9_-]{43}$/) });

/** RFC 9068 2.2.1, OpenID Connect Core 2: how the requesting party was authenticated. */
export const authenticationClaims = {
  acr: shortText.optional(),
  amr: z.array(shortText).max(32).optional(),
  auth_time: numericDate.optional(),
};

/** `aud` as one string, or as an array of exactly that one (A56). */
export const singleAudience = z
  .union([z.string().min(1).max(2048), z.tuple([z.string().min(1).max(2048)])])
  .transform((audience) => (typeof audience === 'string' ? audience : audience[0]));

/**
 * Applies a schema to claims.
 * @returns the typed claims
 * @throws TokenFault `bad_claims` (integrity); its cause names the places, never the values
 */
export function parseClaims<T>(schema: z.ZodType<T>, claims: JsonObject): T {
  const parsed = schema.safeParse(claims);
  if (parsed.success) return parsed.data;
  const places = parsed.error.issues.map((issue) => `${issue.path.join('.') || 'token'}: ${issue.code}`);
  throw tokenFault('bad_claims', new Error(places.join(', ')));
}

/** Claims without the members that are undefined, so that they can be signed. */
export function definedClaims(claims: Readonly<Record<string, JsonValue | undefined>>): JsonObject {
  return Object.fromEntries(
    Object.entries(claims).filter((member): member is [string, JsonValue] => member[1] !== undefined),
  );
}
