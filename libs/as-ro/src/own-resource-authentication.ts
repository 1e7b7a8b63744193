import type { AccessTokenAuthentication, RateLimits } from '@uma-federation/oauth-server';
import {
  issueOwnTicket,
  ownResourceId,
  ProtocolError,
  serialiseUmaChallenge,
  TOKEN_TYPE_URNS,
  type Clock,
  type GrantLedger,
  type OwnResourceName,
  type OwnResources,
  type RequestingPartyToken,
  type TicketIssuing,
} from '@uma-federation/uma-core';
import type { FastifyRequest } from 'fastify';

/** What protecting AS-RO's own resources needs. */
export interface OwnResourceAuthenticationParts {
  readonly own: OwnResources;
  readonly accessTokens: AccessTokenAuthentication;
  readonly tickets: TicketIssuing;
  readonly grants: GrantLedger;
  readonly clock: Clock;
  /** A ticket is on the budget of its source. */
  readonly rateLimits: RateLimits;
}

/**
 * AS-RO as a resource server for itself: whoever can be identified by their own domain gets at what is theirs here, by the ordinary correlated flow.
 * So no second way to sign in is needed for people who have no account here.
 */
export class OwnResourceAuthentication {
  readonly #parts: OwnResourceAuthenticationParts;

  constructor(parts: OwnResourceAuthenticationParts) {
    this.#parts = parts;
  }

  /**
   * The RPT of a request to an own resource: live, with a permission for this resource, proven as it is bound.
   * @throws ProtocolError 401 with a UMA challenge (and Bearer `error` when a token was sent), 403 `insufficient_scope` for an RPT for another own
   *   resource, 400 for a malformed request, 429 beyond the budget of tickets
   */
  async authenticate(request: FastifyRequest, name: OwnResourceName): Promise<RequestingPartyToken> {
    const url = `${this.#parts.own.registration.identifier}${request.raw.url?.split('?', 1)[0] ?? ''}`;
    const token = await this.#verify(request, name, url);
    if (token.permissions.some(({ resourceId }) => resourceId === ownResourceId(name))) return token;
    throw new ProtocolError({
      error: 'insufficient_scope',
      status: 403,
      reason: 'own_resource_not_permitted',
      description: 'The token is for something else.',
      headers: { 'WWW-Authenticate': 'Bearer error="insufficient_scope"' },
    });
  }

  async #verify(request: FastifyRequest, name: OwnResourceName, url: string): Promise<RequestingPartyToken> {
    try {
      const token = await this.#parts.accessTokens.authenticateRequestingParty(request, url);
      if (await this.#parts.grants.isActive(token.issuer, token.tokenId, this.#parts.clock.now())) return token;
      throw await this.#challenged(request, name, url, { error: 'invalid_token', reason: 'rpt_not_active', challenge: 'Bearer error="invalid_token"' });
    } catch (error) {
      if (!(error instanceof ProtocolError) || error.status !== 401 || error.headers['WWW-Authenticate']?.includes('UMA ') === true) throw error;
      throw await this.#challenged(request, name, url, { error: error.error, reason: error.reason, challenge: error.headers['WWW-Authenticate'] ?? 'Bearer' });
    }
  }

  /** UMA Grant 3.2.1 beside the challenge of RFC 6750 3 or RFC 9449 7.1. */
  async #challenged(request: FastifyRequest, name: OwnResourceName, url: string, refusal: { error: string; reason: string; challenge: string }): Promise<ProtocolError> {
    const { own, tickets, rateLimits } = this.#parts;
    await rateLimits.admitSource(request.ip);
    const pair = await issueOwnTicket(name, url, own, tickets);
    const uma = serialiseUmaChallenge({
      realm: new URL(tickets.issuer).hostname,
      asUri: tickets.issuer,
      ticket: pair.ticket,
      resourceClaimsToken: pair.resourceClaimsToken,
      issuedTokenType: TOKEN_TYPE_URNS.jwt,
    });
    return new ProtocolError({
      error: refusal.error,
      status: 401,
      reason: refusal.reason,
      description: 'A requesting party token is needed.',
      headers: { 'WWW-Authenticate': `${uma}, ${refusal.challenge}` },
    });
  }
}
