import { z } from 'zod';
import type { Assurance } from '../model/assurance.ts';
import type { ClientId, Issuer, RequestId, TokenId } from '../model/ids.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { JsonObject } from '../model/json.ts';
import type { Permission } from '../model/permission.ts';
import { authenticationClaims, definedClaims, identifier, issuerText, numericDate, shortText } from './claim-schemas.ts';
import { fromPermissionClaims, permissionClaim, toPermissionClaims } from './permission-claims.ts';
import { parseStrictJson } from './strict-json.ts';
import { tokenFault } from './token-faults.ts';

/** What an authorization process remembers from one ticket to the next (Decision D1; protocol.md 1.8 C12). */
export interface TicketProcess {
  /** The client the process is bound to since its first redemption (A15). */
  readonly clientId: ClientId;
  /** RFC 7638 thumbprint of its DPoP key, when it proved one. */
  readonly thumbprint?: string | undefined;
  /** How often claims were asked for. */
  readonly rounds: number;
  /** How often a stronger or fresher sign-in was asked for. */
  readonly stepUps?: number | undefined;
  /** NumericDate after which the process ends. */
  readonly deadline: number;
  /** Claims that were accepted already; the token they came in is spent. */
  readonly identity?: IdentityClaims | undefined;
  /** The request that its owner has to decide, how many seconds lie between two polls, and when (NumericDate) the next one is due (A75). */
  readonly request?: { readonly id: RequestId; readonly intervalSeconds: number; readonly pollAfter: number } | undefined;
}

/** What a permission ticket carries, encrypted for the server that issued it (Decision D2). */
export interface TicketContext {
  readonly permissions: readonly Permission[];
  /** The resource server that asked for the ticket. */
  readonly resourceServer: ClientId;
  /** Canonical e-mail address of the resource owner. */
  readonly owner: string;
  /** The URI that was requested without sufficient authorization. */
  readonly resourceUri: string;
  /** What the resource server itself wants of the sign-in, besides the owner's shares (protocol.md 7.2 d). */
  readonly assurance?: Assurance | undefined;
  readonly process?: TicketProcess | undefined;
}

const identitySchema = z.strictObject({
  iss: issuerText,
  jti: identifier,
  email: shortText,
  client_id: identifier,
  ...authenticationClaims,
  jkt: shortText.optional(),
  exp: numericDate,
  claims: z.custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
});
const processSchema = z.strictObject({
  client_id: identifier,
  jkt: shortText.optional(),
  rounds: z.number().int().min(0),
  step_ups: z.number().int().min(0).optional(),
  deadline: numericDate,
  identity: identitySchema.optional(),
  request: z.strictObject({ id: identifier, interval: z.number().int().min(1), poll_after: numericDate }).optional(),
});
const contextSchema = z.strictObject({
  permissions: z.array(permissionClaim),
  resource_server: identifier,
  owner: shortText,
  resource_uri: z.string().min(1).max(2048),
  assurance: z.strictObject({ acr_values: z.array(shortText).min(1).optional(), max_age: z.number().int().min(0).optional() }).optional(),
  process: processSchema.optional(),
});

/** The context as JSON text, ready to be sealed. */
export function serialiseTicketContext(context: TicketContext): string {
  return JSON.stringify(
    definedClaims({
      permissions: toPermissionClaims(context.permissions),
      resource_server: context.resourceServer,
      owner: context.owner,
      resource_uri: context.resourceUri,
      assurance: context.assurance && definedClaims({ acr_values: context.assurance.acrValues && [...context.assurance.acrValues], max_age: context.assurance.maxAgeSeconds }),
      process: context.process && serialiseProcess(context.process),
    }),
  );
}

/**
 * The context of a ticket whose signature was verified.
 * @param text the opened `ctx`
 * @throws TokenFault `bad_context` (integrity): another version of this software sealed it
 */
export function parseTicketContext(text: string): TicketContext {
  const parsed = contextSchema.safeParse(parseContextJson(text));
  if (!parsed.success) throw tokenFault('bad_context');
  const { permissions, resource_server, owner, resource_uri, assurance, process } = parsed.data;
  return {
    permissions: fromPermissionClaims(permissions, 0),
    resourceServer: resource_server as ClientId,
    owner,
    resourceUri: resource_uri,
    ...(assurance === undefined ? {} : { assurance: { acrValues: assurance.acr_values, maxAgeSeconds: assurance.max_age } }),
    ...(process === undefined ? {} : { process: toProcess(process) }),
  };
}

function parseContextJson(text: string): unknown {
  try {
    // The claims of an identity claims token may be 10 deep themselves and stand three levels below the context.
    return parseStrictJson(text, { maxDepth: 13 });
  } catch (cause) {
    throw tokenFault('bad_context', cause);
  }
}

function serialiseProcess(process: TicketProcess): JsonObject {
  return definedClaims({
    client_id: process.clientId,
    jkt: process.thumbprint,
    rounds: process.rounds,
    step_ups: process.stepUps,
    deadline: process.deadline,
    identity: process.identity && serialiseIdentity(process.identity),
    request: process.request && { id: process.request.id, interval: process.request.intervalSeconds, poll_after: process.request.pollAfter },
  });
}

function serialiseIdentity(identity: IdentityClaims): JsonObject {
  return definedClaims({
    iss: identity.issuer,
    jti: identity.tokenId,
    email: identity.email,
    client_id: identity.clientId,
    acr: identity.acr,
    amr: identity.amr && [...identity.amr],
    auth_time: identity.authTime,
    jkt: identity.confirmationThumbprint,
    exp: identity.expiresAt,
    claims: identity.claims,
  });
}

function toProcess(process: z.infer<typeof processSchema>): TicketProcess {
  return {
    clientId: process.client_id as ClientId,
    thumbprint: process.jkt,
    rounds: process.rounds,
    stepUps: process.step_ups,
    deadline: process.deadline,
    identity: process.identity && toIdentity(process.identity),
    request: process.request && { id: process.request.id as RequestId, intervalSeconds: process.request.interval, pollAfter: process.request.poll_after },
  };
}

function toIdentity(identity: z.infer<typeof identitySchema>): IdentityClaims {
  return {
    issuer: identity.iss as Issuer,
    tokenId: identity.jti as TokenId,
    email: identity.email,
    clientId: identity.client_id as ClientId,
    acr: identity.acr,
    amr: identity.amr,
    authTime: identity.auth_time,
    confirmationThumbprint: identity.jkt,
    expiresAt: identity.exp,
    claims: identity.claims,
  };
}
