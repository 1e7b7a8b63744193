import type { Grant, TokenAnswer, TokenRequest } from '@uma-federation/oauth-server';
import type { Logger } from '@uma-federation/nest-kit';
import { GRANT_TYPES, readUmaTokenRequest, redeemTicket, umaTokenAnswer, type TicketRedemption } from '@uma-federation/uma-core';

/** The uma-ticket grant (UMA Grant 3.3). */
export class UmaTicketGrant implements Grant {
  readonly grantType = GRANT_TYPES.umaTicket;
  readonly #forClient: (clientId: string) => TicketRedemption;
  readonly #logger: Logger;

  /** @param forClient what redeeming needs; discovery of unknown domains is on the client's own budget (A46) */
  constructor(forClient: (clientId: string) => TicketRedemption, logger: Logger) {
    this.#forClient = forClient;
    this.#logger = logger;
  }

  /** @inheritdoc */
  async handle({ form, client, dpop, requestId }: TokenRequest): Promise<TokenAnswer> {
    const { clientId } = client.registration;
    const request = { ...readUmaTokenRequest(form, client.registration.dialects), client, thumbprint: dpop?.thumbprint };
    const redemption = await redeemTicket(request, this.#forClient(clientId));
    const reason = redemption.outcome === 'granted' ? undefined : redemption.reason;
    this.#logger.info({ requestId, clientId, outcome: redemption.outcome, reason }, 'ticket redeemed');
    return umaTokenAnswer(redemption);
  }
}
