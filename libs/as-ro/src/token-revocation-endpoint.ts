import { formBody, type Logger } from '@uma-federation/nest-kit';
import type { ClientAuthentication, RateLimits } from '@uma-federation/oauth-server';
import { revokeToken, type TokenRevocation } from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';

/** What the revocation endpoint is made of. */
export interface TokenRevocationEndpointParts {
  readonly authentication: ClientAuthentication;
  readonly rateLimits: RateLimits;
  readonly revocation: TokenRevocation;
  /** Tells the replicas of the domain that an RPT may have ended. */
  readonly onRevoked: () => void;
  readonly logger: Logger;
}

/** The revocation endpoint (RFC 7009): clients end their own RPTs, persisted claims tokens and refresh tokens. */
export class TokenRevocationEndpoint {
  readonly #parts: TokenRevocationEndpointParts;

  constructor(parts: TokenRevocationEndpointParts) {
    this.#parts = parts;
  }

  /**
   * Revokes the token of a request.
   * @throws ProtocolError as `ClientAuthentication` and `revokeToken` say; 429, 503
   */
  async handle(request: FastifyRequest): Promise<void> {
    await this.#parts.rateLimits.admitSource(request.ip);
    const form = formBody(request);
    const token = form.required('token');
    // RFC 7009 2.1: a hint may be ignored; G46: `pct` is one of them.
    form.single('token_type_hint');
    const { registration } = await this.#parts.authentication.authenticateRequest(request, form);
    await this.#parts.rateLimits.admitClient(registration.clientId);
    await revokeToken(token, registration.clientId, this.#parts.revocation);
    this.#parts.logger.info({ requestId: request.id, clientId: registration.clientId }, 'token revoked');
    this.#parts.onRevoked();
  }
}
