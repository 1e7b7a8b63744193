import type { ClientAuthentication, RateLimits } from '@uma-federation/oauth-server';
import { formBody } from '@uma-federation/nest-kit';
import { bearerRefusal, GRANT_TYPES, PROTECTION_SCOPE, type ActingResourceServer } from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';
import type { ResourceServerAuthentication } from '../resource-server-authentication.ts';

/** Authenticates resource servers in the alias: by their PAT, as everywhere, or at introspection as the client that they are, as Keycloak does. */
export class KeycloakResourceServers {
  readonly #servers: ResourceServerAuthentication;
  readonly #clients: ClientAuthentication;
  readonly #rateLimits: RateLimits;

  constructor(servers: ResourceServerAuthentication, clients: ClientAuthentication, rateLimits: RateLimits) {
    this.#servers = servers;
    this.#clients = clients;
    this.#rateLimits = rateLimits;
  }

  /** @throws ProtocolError as `ResourceServerAuthentication.authenticate` says */
  byToken(request: FastifyRequest): Promise<ActingResourceServer> {
    return this.#servers.authenticate(request);
  }

  /**
   * The RS behind a request with a PAT, or with the credentials of a client that may get a PAT by them (Keycloak CVE-2026-3190).
   * @throws ProtocolError 401 `invalid_client` or `invalid_token`, 403 `insufficient_scope`, 429
   */
  async byTokenOrClient(request: FastifyRequest): Promise<ActingResourceServer> {
    const { authorization } = request.headers;
    if (authorization !== undefined && /^(bearer|dpop)\b/i.test(authorization)) return this.byToken(request);
    await this.#rateLimits.admitSource(request.ip);
    const { registration, method } = await this.#clients.authenticateRequest(request, formBody(request));
    await this.#rateLimits.admitClient(registration.clientId);
    // Its credentials open what they would get it a PAT for, and no more: who acts for single owners needs their PATs (F5).
    if (method === 'none' || !registration.grantTypes.includes(GRANT_TYPES.clientCredentials)) throw bearerRefusal('insufficient_scope', 'client_has_no_pat_of_its_own');
    if (!registration.scopes.includes(PROTECTION_SCOPE)) throw bearerRefusal('insufficient_scope', 'scope_not_registered');
    return this.#servers.find(registration.clientId);
  }
}
