import { PeerFailure } from '@uma-federation/federation';
import type { Assurance, Permission } from '@uma-federation/uma-core';
import { z } from 'zod';
import type { ProtectionApi } from './protection-api.ts';

/** What AS-RO gives for a permission request (protocol.md 1.9 message 3). */
export interface TicketAnswer {
  readonly ticket: string;
  readonly resourceClaimsToken?: string | undefined;
  readonly issuedTokenType?: string | undefined;
}

const created = z.object({
  ticket: z.string().min(1),
  resource_claims_token: z.string().min(1).optional(),
  issued_token_type: z.string().min(1).optional(),
});

/** Asks AS-RO for permission tickets (Federated Authorization 4). */
export class PermissionClient {
  readonly #api: ProtectionApi;

  constructor(api: ProtectionApi) {
    this.#api = api;
  }

  /**
   * Requests a ticket.
   * @param permission the resource and the scopes that the request needs
   * @param resourceUri the URI that was requested, without query
   * @param assurance what the route wants of the sign-in: the process that begins with the ticket asks for it (protocol.md 7.2 d)
   * @throws PeerFailure or DiscoveryFailure for any failure; PeerFailure `permission_refused` when AS-RO answered but gave no ticket
   */
  async request(permission: Permission, resourceUri: string, { acrValues, maxAgeSeconds }: Assurance = {}): Promise<TicketAnswer> {
    const body = {
      resource_id: permission.resourceId,
      resource_scopes: permission.scopes,
      resource_uri: resourceUri,
      ...(acrValues === undefined ? {} : { acr_values: acrValues.join(' ') }),
      ...(maxAgeSeconds === undefined ? {} : { max_age: maxAgeSeconds }),
    };
    const answer = await this.#api.call({ operation: 'permission.request', body });
    const parsed = created.safeParse(answer.json);
    if (answer.status !== 201 || !parsed.success) throw new PeerFailure('permission_refused', { status: answer.status });
    return {
      ticket: parsed.data.ticket,
      resourceClaimsToken: parsed.data.resource_claims_token,
      issuedTokenType: parsed.data.issued_token_type,
    };
  }
}
