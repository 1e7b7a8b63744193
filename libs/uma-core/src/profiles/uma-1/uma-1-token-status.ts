import type { JsonObject, JsonValue } from '../../model/json.ts';
import type { Issuer } from '../../model/ids.ts';
import type { TimedPermission, Uma1TokenState } from '../../ports/uma-1-token-store.ts';
import type { ActingResourceServer } from '../../use-cases/register-resource.ts';
import type { ResourceSetNames } from './resource-set-names.ts';
import type { Uma1Version } from './uma-1-version.ts';

/**
 * The answer of the old token status endpoints: a JSON array of permissions in D05 (3.3.1), the members of draft-richer-oauth-introspection in D07
 * (3.3.2), those of RFC 7662 in 1.0.1 (V101 3.4.2).
 * @param state undefined for a token that is not live for the asking RS
 * @param names how the RS calls its resources
 */
export function uma1TokenStatus(state: Uma1TokenState | undefined, version: Uma1Version, names: ResourceSetNames): JsonValue {
  const setOf = ({ resourceId, scopes }: TimedPermission): JsonObject => ({ resource_set_id: names.toResourceSetId(resourceId), scopes });
  switch (version) {
    case 'draft-05':
      return state === undefined ? { rpt_status: 'invalid' } : state.permissions.map((permission) => ({ ...setOf(permission), exp: permission.expiresAt }));
    case 'draft-07':
      if (state === undefined) return { valid: false };
      return {
        valid: true,
        expires_at: state.expiresAt,
        issued_at: state.issuedAt,
        permissions: state.permissions.map((permission) => ({ ...setOf(permission), expires_at: permission.expiresAt, issued_at: permission.issuedAt })),
      };
    case '1.0.1':
      if (state === undefined) return { active: false };
      return {
        active: true,
        exp: state.expiresAt,
        iat: state.issuedAt,
        client_id: state.clientId,
        sub: state.requestingParty,
        permissions: state.permissions.map((permission) => ({ ...setOf(permission), exp: permission.expiresAt, iat: permission.issuedAt })),
      };
  }
}

/**
 * The same in the form of UMA 2.0 (Federated Authorization 5.1.1), for a resource server that speaks it and has older clients.
 * @returns `{active: false}` when there is no state
 */
export function uma1TokenIntrospection(state: Uma1TokenState | undefined, server: ActingResourceServer, issuer: Issuer): JsonObject {
  if (state === undefined) return { active: false };
  return {
    active: true,
    token_type: 'Bearer',
    iss: issuer,
    ...(state.resourceServer === undefined ? {} : { aud: server.registration.identifier }),
    sub: state.requestingParty,
    client_id: state.clientId,
    iat: state.issuedAt,
    exp: state.expiresAt,
    permissions: state.permissions.map(({ resourceId, scopes, issuedAt, expiresAt }) => ({ resource_id: resourceId, resource_scopes: scopes, iat: issuedAt, exp: expiresAt })),
  };
}
