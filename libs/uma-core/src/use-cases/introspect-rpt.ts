import { TokenFault } from '../errors/token-fault.ts';
import type { ResourceServerRegistration } from '../model/client-registration.ts';
import type { Issuer } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { GrantLedger } from '../ports/grant-ledger.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';
import type { VerificationKeys } from '../ports/signatures.ts';
import type { VerifyDependencies } from '../tokens/mint-dependencies.ts';
import { verifyRequestingPartyToken, type RequestingPartyToken } from '../tokens/requesting-party-token.ts';
import { registeredPermissions } from './registered-permissions.ts';

/** What introspection needs. */
export interface Introspection extends VerifyDependencies {
  readonly issuer: Issuer;
  readonly keys: VerificationKeys;
  readonly grants: GrantLedger;
  readonly resources: ResourceRegistry;
}

/** The RS that asks, and the owner whose PAT it has, if it has a person's. */
export interface IntrospectingServer extends ResourceServerRegistration {
  readonly owner?: string | undefined;
}

const INACTIVE: JsonObject = { active: false };

/**
 * Introspects an RPT for a resource server (Federated Authorization 5; RFC 7662 2.2).
 * @param token what the RS received
 * @returns `{active: false}` and nothing else for anything but a live RPT of this RS, and of this owner with a person's PAT (A29); otherwise an answer with `permissions` and without `scope` (F23, F24)
 */
export async function introspectRpt(token: string, server: IntrospectingServer, deps: Introspection): Promise<JsonObject> {
  const rpt = await verify(token, server, deps);
  if (rpt === undefined || !(await deps.grants.isActive(rpt.issuer, rpt.tokenId, deps.clock.now()))) return INACTIVE;
  const permissions = await registeredPermissions(rpt.permissions, { resources: deps.resources, owner: server.owner });
  if (permissions.length === 0) return INACTIVE;
  const confirmation = rpt.confirmationThumbprint === undefined ? {} : { cnf: { jkt: rpt.confirmationThumbprint } };
  return {
    active: true,
    token_type: rpt.confirmationThumbprint === undefined ? 'Bearer' : 'DPoP',
    iss: rpt.issuer,
    aud: rpt.audience,
    sub: rpt.subject,
    client_id: rpt.clientId,
    jti: rpt.tokenId,
    iat: rpt.issuedAt,
    exp: rpt.expiresAt,
    ...(rpt.acr === undefined ? {} : { acr: rpt.acr }),
    ...(rpt.authTime === undefined ? {} : { auth_time: rpt.authTime }),
    ...confirmation,
    permissions: permissions.map(({ resourceId, scopes }) => ({ resource_id: resourceId, resource_scopes: scopes })),
  };
}

async function verify(token: string, server: IntrospectingServer, deps: Introspection): Promise<RequestingPartyToken | undefined> {
  try {
    return await verifyRequestingPartyToken(token, { issuer: deps.issuer, audience: server.identifier, keys: deps.keys }, deps);
  } catch (error) {
    // RFC 7662 2.2: inactive, unknown and foreign tokens look the same.
    if (error instanceof TokenFault) return undefined;
    throw error;
  }
}
