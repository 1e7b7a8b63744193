import { invalidRequest, invalidScope } from '../../errors/refusals.ts';
import type { FormParameters } from '../../wire/form-parameters.ts';
import { readScopes } from '../../wire/uma-token-request.ts';
import { scopeToken } from '../../wire/scope-token.ts';
import { TOKEN_TYPE_URNS } from '../../wire/urns.ts';

/** Keycloak's name for an OpenID Connect ID token as `claim_token`; also what it assumes when no format is named. */
export const KEYCLOAK_ID_TOKEN_FORMAT = 'https://openid.net/specs/openid-connect-core-1_0.html#IDToken';

/** What `permission` of a request without a ticket names. */
export interface KeycloakPermission {
  /** The resource as the client calls it: its id or its name, or its URI; absent asks for every resource that has the scopes. */
  readonly resource?: string | undefined;
  /** Empty asks for whatever scopes the resource has. */
  readonly scopes: readonly string[];
}

/** What is to be answered: an RPT, `{result: true}`, or the granted permissions. */
export type KeycloakResponseMode = 'token' | 'decision' | 'permissions';

/** A uma-ticket request in Keycloak's dialect. */
export interface KeycloakTokenRequest {
  /** Redeems this ticket; without one `audience` and `permissions` say what is wanted. */
  readonly ticket?: string | undefined;
  readonly claimToken?: { readonly token: string; readonly format: string } | undefined;
  readonly subjectToken?: string | undefined;
  readonly rpt?: string | undefined;
  /** Client id of the resource server. */
  readonly audience?: string | undefined;
  readonly permissions: readonly KeycloakPermission[];
  /** Whether `permission` names resources by URI, and whether a registered URI that ends in a wildcard may match. */
  readonly by: 'id' | 'uri' | 'matching-uri';
  readonly scopes: readonly string[];
  /** RFC 8707. */
  readonly resources: readonly string[];
  readonly responseMode: KeycloakResponseMode;
  readonly includeResourceName: boolean;
  readonly permissionsLimit?: number | undefined;
  /** Whether the owner may be asked. */
  readonly submitRequest: boolean;
}

/** Parameters of such a request that may occur more than once. */
export const KEYCLOAK_REPEATABLE_PARAMETERS: readonly string[] = ['permission', 'resource'];

const MAX_PERMISSIONS = 32;

/**
 * Reads a uma-ticket request in Keycloak's dialect. Raw `#` and `,` are what separates scopes from a resource and from each other.
 * Names with Keycloak's prefixes (`resource-type:` and the like) are taken literally: they name no set of resources (F33, A27).
 * @throws ProtocolError `invalid_request` for a parameter that is missing, repeated or malformed, and for a ticket together with `permission`;
 *   `invalid_scope` for a scope that cannot be one
 */
export function readKeycloakTokenRequest(form: FormParameters): KeycloakTokenRequest {
  const ticket = form.single('ticket');
  const audience = form.single('audience');
  const permissions = form.all('permission').filter((value) => value !== '');
  if (ticket !== undefined && permissions.length > 0) throw invalidRequest('ticket_and_permission');
  if (ticket === undefined && audience === undefined) throw invalidRequest('neither_ticket_nor_audience');
  if (permissions.length > MAX_PERMISSIONS) throw invalidRequest('too_many_permissions');
  const claimToken = form.single('claim_token');
  // UMA Grant 3.3.1 wants the format; Keycloak's clients leave it out for an ID token.
  const format = form.single('claim_token_format') ?? KEYCLOAK_ID_TOKEN_FORMAT;
  if (claimToken !== undefined && ![KEYCLOAK_ID_TOKEN_FORMAT, TOKEN_TYPE_URNS.jwt].includes(format)) throw invalidRequest('claim_token_format');
  return {
    ticket,
    audience,
    claimToken: claimToken === undefined ? undefined : { token: claimToken, format },
    subjectToken: form.single('subject_token'),
    rpt: form.single('rpt'),
    permissions: permissions.map(readPermission),
    by: resourceFormat(form),
    scopes: readScopes(form.single('scope')),
    resources: form.all('resource').filter((value) => value !== ''),
    responseMode: responseMode(form.single('response_mode')),
    includeResourceName: flag(form, 'response_include_resource_name', true),
    permissionsLimit: limit(form.single('response_permissions_limit')),
    submitRequest: flag(form, 'submit_request', true),
  };
}

/** `resource#scope1,scope2`, `resource` or `#scope`. */
function readPermission(text: string): KeycloakPermission {
  if (text.length > 4096) throw invalidRequest('permission_too_long');
  const [resource = '', ...rest] = text.split('#');
  const scopes = [...new Set(rest.join('#').split(','))].filter((scope) => scope !== '');
  if (resource === '' && scopes.length === 0) throw invalidRequest('permission_empty');
  // A73: as for `scope`.
  if (scopes.length > 50 || !scopes.every((scope) => scopeToken.safeParse(scope).success)) throw invalidScope('permission_scope_malformed');
  return { ...(resource === '' ? {} : { resource }), scopes };
}

function resourceFormat(form: FormParameters): KeycloakTokenRequest['by'] {
  const format = form.single('permission_resource_format') ?? 'id';
  const matching = flag(form, 'permission_resource_matching_uri', false);
  if (format === 'id') return 'id';
  if (format !== 'uri') throw invalidRequest('permission_resource_format');
  return matching ? 'matching-uri' : 'uri';
}

function responseMode(text: string | undefined): KeycloakResponseMode {
  if (text === undefined) return 'token';
  if (text !== 'decision' && text !== 'permissions') throw invalidRequest('response_mode');
  return text;
}

function limit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9][0-9]{0,5}$/.test(text)) throw invalidRequest('response_permissions_limit');
  return Number(text);
}

function flag(form: FormParameters, name: string, fallback: boolean): boolean {
  const text = form.single(name)?.toLowerCase();
  if (text === undefined) return fallback;
  if (text !== 'true' && text !== 'false') throw invalidRequest('flag_malformed', name);
  return text === 'true';
}
