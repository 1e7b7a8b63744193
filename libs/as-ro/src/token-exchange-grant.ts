import type { Grant, TokenAnswer, TokenRequest } from '@uma-federation/oauth-server';
import type { Logger } from '@uma-federation/nest-kit';
import {
  exchangeProtectionToken,
  GRANT_TYPES,
  invalidRequest,
  oauthProfileAnswer,
  ProtocolError,
  readOauthProfileRequest,
  readProtectionTokenRequest,
  redeemTicket,
  type PersonalProtectionTokens,
  type Redemption,
  type RedemptionRequest,
  type TicketRedemption,
} from '@uma-federation/uma-core';
import { protectionTokenAnswer } from './protection-token-answer.ts';

/** What AS-RO gives by token exchange; what is undefined is switched off. */
export interface TokenExchanges {
  readonly protectionTokens: PersonalProtectionTokens | undefined;
  /** What redeeming needs, by client: discovery of unknown domains is on the client's own budget (A46). */
  readonly oauthProfile: ((clientId: string) => TicketRedemption) | undefined;
}

/**
 * Token exchange at AS-RO (RFC 8693), of two kinds. With an actor token: the OAuth profile of Correlated Authorization, in which a ticket and an
 * identity claims token become an access token (protocol.md 1.6). Without one: a resource server gets a PAT of the owner who signed in at it.
 */
export class TokenExchangeGrant implements Grant {
  readonly grantType = GRANT_TYPES.tokenExchange;
  readonly repeatableParameters = ['resource', 'audience'];
  readonly #exchanges: TokenExchanges;
  readonly #logger: Logger;

  constructor(exchanges: TokenExchanges, logger: Logger) {
    this.#exchanges = exchanges;
    this.#logger = logger;
  }

  /** @inheritdoc */
  async handle(request: TokenRequest): Promise<TokenAnswer> {
    return request.form.single('actor_token') === undefined ? this.#protectionToken(request) : this.#accessToken(request);
  }

  async #protectionToken({ form, client, dpop, requestId }: TokenRequest): Promise<TokenAnswer> {
    const deps = this.#exchanges.protectionTokens;
    if (deps === undefined) throw invalidRequest('protection_tokens_not_exchanged');
    const pat = await exchangeProtectionToken(readProtectionTokenRequest(form, deps.issuer), client, dpop?.thumbprint, deps);
    this.#logger.info({ requestId, clientId: client.registration.clientId }, 'protection API token of a person given');
    return protectionTokenAnswer(pat);
  }

  async #accessToken({ form, client, dpop, requestId }: TokenRequest): Promise<TokenAnswer> {
    if (this.#exchanges.oauthProfile === undefined) throw invalidRequest('oauth_profile_not_spoken');
    const { clientId } = client.registration;
    // RFC 8693 2.2.1 knows no PCT, and a refresh token "will typically not be issued": nothing is recorded that would not be sent.
    const deps = { ...this.#exchanges.oauthProfile(clientId), persistedClaimsLifetimeSeconds: undefined, refreshLifetimeSeconds: undefined };
    const redemption = await redeem({ ...readOauthProfileRequest(form), client, thumbprint: dpop?.thumbprint }, deps);
    const reason = redemption.outcome === 'granted' ? undefined : redemption.reason;
    this.#logger.info({ requestId, clientId, outcome: redemption.outcome, reason, profile: 'oauth' }, 'ticket redeemed');
    return { status: 200, body: oauthProfileAnswer(redemption) };
  }
}

async function redeem(request: RedemptionRequest, deps: TicketRedemption): Promise<Redemption> {
  try {
    return await redeemTicket(request, deps);
  } catch (error) {
    // RFC 8693 2.2.2: a subject token that is invalid for any reason is `invalid_request`, where the uma-ticket grant says `invalid_grant`.
    if (error instanceof ProtocolError && error.error === 'invalid_grant') throw invalidRequest(error.reason, error.detail);
    throw error;
  }
}
