import type { Grant, TokenAnswer, TokenRequest } from '@uma-federation/oauth-server';
import type { Logger } from '@uma-federation/nest-kit';
import {
  assessDirectly,
  GRANT_TYPES,
  invalidRequest,
  KEYCLOAK_ID_TOKEN_FORMAT,
  KEYCLOAK_REPEATABLE_PARAMETERS,
  ProtocolError,
  readKeycloakTokenRequest,
  redeemTicket,
  toKeycloakPermissions,
  umaTokenAnswer,
  type ClientId,
  type DirectAssessing,
  type GrantedPermissions,
  type IdentityClaims,
  type JsonObject,
  type KeycloakTokenRequest,
  type Permission,
  type Resource,
  type TicketRedemption,
} from '@uma-federation/uma-core';
import type { KeycloakUserTokens } from './keycloak-user-tokens.ts';

/** What the grant works with, on the budget of one client (A46). */
export type KeycloakGranting = TicketRedemption & DirectAssessing;

/** A request as this grant sees it. */
type Seen = TokenRequest & { readonly parsed: KeycloakTokenRequest; readonly identity: IdentityClaims | undefined };

const NOT_AUTHORIZED: TokenAnswer = { status: 403, body: { error: 'access_denied', error_description: 'not_authorized' } };

/** The uma-ticket grant in Keycloak's dialect, with a ticket or with `permission` and `audience`. */
export class KeycloakUmaGrant implements Grant {
  readonly grantType = GRANT_TYPES.umaTicket;
  readonly repeatableParameters = KEYCLOAK_REPEATABLE_PARAMETERS;
  readonly #users: KeycloakUserTokens;
  readonly #forClient: (clientId: string) => KeycloakGranting;
  readonly #logger: Logger;

  constructor(users: KeycloakUserTokens, forClient: (clientId: string) => KeycloakGranting, logger: Logger) {
    this.#users = users;
    this.#forClient = forClient;
    this.#logger = logger;
  }

  /** @inheritdoc */
  async handle(request: TokenRequest): Promise<TokenAnswer> {
    const parsed = readKeycloakTokenRequest(request.form);
    const identity = await this.#users.identify(parsed, request.authorization, { client: request.client, thumbprint: request.dpop?.thumbprint });
    const pushed = parsed.claimToken !== undefined && parsed.claimToken.format !== KEYCLOAK_ID_TOKEN_FORMAT;
    // Claims are vouched for by the person's own domain, for one ticket; Keycloak takes whatever JSON a client pushes (A25).
    if (pushed && (identity !== undefined || parsed.ticket === undefined)) throw invalidRequest('claims_pushed_beside_user_token_or_ticket');
    const seen = { ...request, parsed, identity };
    return parsed.ticket === undefined ? this.#assess(seen) : this.#redeem(seen, parsed.ticket);
  }

  async #redeem(seen: Seen, ticket: string): Promise<TokenAnswer> {
    const { parsed, identity, client, dpop } = seen;
    const { clientId } = client.registration;
    const deps = this.#depsFor(clientId, parsed);
    const { scopes, claimToken, audience } = parsed;
    // An upgrade ends the previous RPT, so only where the new one is given out.
    const rpt = parsed.responseMode === 'token' ? parsed.rpt : undefined;
    // A1: who names the resource server besides the ticket means this one, and no other that the ticket may be of.
    const resources = audience === undefined ? parsed.resources : [...parsed.resources, (await resourceServerOf(audience, deps)).registration.identifier];
    const pushed = claimToken?.format === KEYCLOAK_ID_TOKEN_FORMAT ? undefined : claimToken;
    const request = { ticket, scopes, resources, rpt, claimToken: pushed, client, thumbprint: dpop?.thumbprint, identity, mayAskOwner: parsed.submitRequest };
    const redemption = await redeemTicket(request, deps);
    this.#log(seen, redemption.outcome, redemption.outcome === 'granted' ? undefined : redemption.reason);
    if (redemption.outcome === 'granted') {
      const known = await deps.resources.findAll(redemption.permissions.map(({ resourceId }) => resourceId));
      return granted(seen.parsed, redemption.permissions, known, { ...redemption });
    }
    // Whoever comes without a user token speaks UMA 2.0, and is told what is missing.
    if (identity === undefined) return umaTokenAnswer(redemption);
    if (redemption.outcome !== 'request_submitted') return NOT_AUTHORIZED;
    const { body } = umaTokenAnswer(redemption);
    return { status: 403, body: { ...body, error: 'access_denied', error_description: 'request_submitted' } };
  }

  async #assess(seen: Seen): Promise<TokenAnswer> {
    const { parsed, identity, client, dpop } = seen;
    const deps = this.#depsFor(client.registration.clientId, parsed);
    const resourceServer = await resourceServerOf(parsed.audience ?? '', deps);
    const result = await assessDirectly({ ...parsed, resourceServer, client, thumbprint: dpop?.thumbprint, identity }, deps);
    this.#log(seen, result.outcome, result.outcome === 'denied' ? result.reason : undefined);
    if (result.outcome === 'denied') return NOT_AUTHORIZED;
    if (result.outcome === 'assessed') return granted(parsed, result.permissions, result.resources);
    return granted(parsed, result.grant.permissions, [], result.grant);
  }

  /** The RPT says its permissions in Keycloak's words, too; there are no refresh tokens in this dialect. A decision is about all that is asked for. */
  #depsFor(clientId: string, { includeResourceName, responseMode }: KeycloakTokenRequest): KeycloakGranting {
    const deps = this.#forClient(clientId);
    const describeAuthorization = async (permissions: readonly Permission[]): Promise<JsonObject> => {
      const resources = await deps.resources.findAll(permissions.map(({ resourceId }) => resourceId));
      return { permissions: toKeycloakPermissions(permissions, resources, includeResourceName) };
    };
    return {
      ...deps,
      partialGrants: deps.partialGrants && responseMode !== 'decision',
      // Nothing is recorded that would not be sent.
      persistedClaimsLifetimeSeconds: responseMode === 'token' ? deps.persistedClaimsLifetimeSeconds : undefined,
      refreshLifetimeSeconds: undefined,
      describeAuthorization,
    };
  }

  #log({ requestId, client, parsed }: Seen, outcome: string, reason: string | undefined): void {
    const { clientId } = client.registration;
    this.#logger.info({ requestId, clientId, outcome, reason, mode: parsed.responseMode }, 'permissions assessed in the dialect of Keycloak');
  }
}

/** The RS whose client id a request names. @throws ProtocolError `invalid_request` when the client is none */
async function resourceServerOf(audience: string, { clients }: Pick<KeycloakGranting, 'clients'>) {
  const clientId = audience as ClientId;
  const registration = (await clients.find(clientId))?.resourceServer;
  if (registration === undefined) throw new ProtocolError({ error: 'invalid_request', status: 400, reason: 'audience_is_no_resource_server', description: 'Unknown resource server id.' });
  return { clientId, registration };
}

function granted(
  { responseMode, includeResourceName }: KeycloakTokenRequest,
  permissions: readonly Permission[],
  resources: readonly Resource[],
  grant?: GrantedPermissions & { readonly upgraded: boolean },
): TokenAnswer {
  if (responseMode === 'decision') return { status: 200, body: { result: true } };
  if (responseMode === 'permissions' || grant === undefined) {
    return { status: 200, body: toKeycloakPermissions(permissions, resources, includeResourceName) };
  }
  return {
    status: 200,
    body: {
      upgraded: grant.upgraded,
      access_token: grant.rpt,
      expires_in: grant.expiresIn,
      refresh_expires_in: 0,
      token_type: grant.tokenType,
      'not-before-policy': 0,
      resource: grant.resource,
      ...(grant.pct === undefined ? {} : { pct: grant.pct }),
    },
  };
}
