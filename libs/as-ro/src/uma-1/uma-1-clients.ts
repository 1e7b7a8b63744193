import type { RateLimits } from '@uma-federation/oauth-server';
import { ProtocolError, UMA_1_SCOPES, type ClientRegistration, type ClientRegistry, type Uma1Party } from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';
import type { OwnResourceAuthentication } from '../own-resource-authentication.ts';

/** A request to the authorization API of UMA 1.0, after its AAT was verified. */
export interface Uma1Caller {
  readonly party: Uma1Party;
  readonly client: ClientRegistration;
}

/**
 * Authenticates requests to the authorization API of UMA 1.0. The authorization API token (AAT) is an RPT of UMA 2.0 for this server's own resource
 * `authorization-api`: so a person of any domain can be behind it, and the client gets it by the ordinary correlated flow.
 */
export class Uma1Clients {
  readonly #own: OwnResourceAuthentication;
  readonly #clients: ClientRegistry;
  readonly #rateLimits: RateLimits;

  constructor(own: OwnResourceAuthentication, clients: ClientRegistry, rateLimits: RateLimits) {
    this.#own = own;
    this.#clients = clients;
    this.#rateLimits = rateLimits;
  }

  /**
   * Who asks, for whom.
   * @throws ProtocolError 401 `invalid_token` without an acceptable AAT (L6), with the UMA challenge that leads to one; 403 `insufficient_scope` for
   *   an RPT for something else (L7), or of a client that is not marked for UMA 1.0; 429
   */
  async authenticate(request: FastifyRequest): Promise<Uma1Caller> {
    const { tokenId, clientId, subject, expiresAt, acr, authTime, claims } = await this.#token(request);
    await this.#rateLimits.admitClient(clientId);
    const client = await this.#clients.find(clientId);
    if (client?.dialects?.includes('uma-1') !== true) throw insufficientScope('client_is_not_marked_for_uma_1');
    return { client, party: { tokenId, clientId, email: subject, expiresAt, acr, authTime, claims } };
  }

  async #token(request: FastifyRequest) {
    try {
      return await this.#own.authenticate(request, 'authorization-api');
    } catch (error) {
      if (error instanceof ProtocolError && error.status === 401) throw withBearerError(error);
      if (error instanceof ProtocolError && error.error === 'insufficient_scope') throw insufficientScope(error.reason);
      throw error;
    }
  }
}

/** D05 3.4.4: "an invalid, missing, or expired AAT": the code is there even when no token was. */
function withBearerError(refusal: ProtocolError): ProtocolError {
  const challenge = refusal.headers['WWW-Authenticate']?.replace(/\bBearer$/, 'Bearer error="invalid_token"');
  const { error, status, reason, description, detail } = refusal;
  return new ProtocolError({ error, status, reason, description, detail, headers: { ...refusal.headers, ...(challenge === undefined ? {} : { 'WWW-Authenticate': challenge }) } });
}

function insufficientScope(reason: string): ProtocolError {
  return new ProtocolError({
    error: 'insufficient_scope',
    status: 403,
    reason,
    description: 'The token is not for the authorization API.',
    headers: { 'WWW-Authenticate': `Bearer error="insufficient_scope", scope="${UMA_1_SCOPES.authorization}"` },
  });
}
