import type { SubjectClaims } from '@uma-federation/uma-core';
import { z } from 'zod';

const answer = z.looseObject({
  active: z.literal(true),
  iss: z.string().optional(),
  sub: z.string().min(1).max(512),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  client_id: z.string().min(1).max(512),
  exp: z.int().positive(),
  email: z.string().max(320).optional(),
  email_verified: z.boolean().optional(),
  acr: z.string().max(512).optional(),
  amr: z.array(z.string().max(128)).max(16).optional(),
  auth_time: z.int().nonnegative().optional(),
  cnf: z.looseObject({ jkt: z.string().optional() }).optional(),
  may_act: z.record(z.string(), z.json()).optional(),
  act: z.record(z.string(), z.json()).optional(),
  token_type: z.string().optional(),
});

/**
 * Reads an introspection answer (RFC 7662 2.2) of a configured provider about an opaque access token.
 * @param json the answer
 * @param issuer the provider that was asked; an answer about somebody else's token is not used
 * @param audiences what an `aud` that is present must contain one of: our issuer identifier, and what the configuration adds
 * @param now NumericDate
 * @returns what the provider says of the person, or undefined when the token is not active, is no access token,
 *   has expired, is meant for others or the answer is not usable
 */
export function readIntrospectedSubject(json: unknown, issuer: string, audiences: readonly string[], now: number): SubjectClaims | undefined {
  const parsed = answer.safeParse(json);
  if (!parsed.success) return undefined;
  const claims = parsed.data;
  if ((claims.iss !== undefined && claims.iss !== issuer) || claims.exp <= now) return undefined;
  // RFC 7662 2.2: the type of an access token (RFC 6749 5.1). A provider may know refresh tokens, too; they are no subject tokens.
  if (claims.token_type !== undefined && !/^(bearer|dpop)$/i.test(claims.token_type)) return undefined;
  if (claims.aud !== undefined && ![claims.aud].flat().some((audience) => audiences.includes(audience))) return undefined;
  return {
    issuer,
    subject: claims.sub,
    email: claims.email,
    emailVerified: claims.email_verified === true,
    clientId: claims.client_id,
    acr: claims.acr,
    amr: claims.amr,
    authTime: claims.auth_time,
    confirmationThumbprint: claims.cnf?.jkt,
    expiresAt: claims.exp,
    mayAct: claims.may_act,
    act: claims.act,
  };
}
