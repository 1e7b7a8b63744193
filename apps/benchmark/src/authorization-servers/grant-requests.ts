import { SystemClock, SystemRandomness } from '@uma-federation/keys';
import {
  GRANT_TYPES,
  mintIdentityClaimsToken,
  mintPermissionTicket,
  ticketHash,
  TOKEN_TYPE_URNS,
  type ClientId,
  type ResourceId,
} from '@uma-federation/uma-core';
import type { FakeIssuer } from '../harness/fake-issuer.ts';
import type { LoadRequest } from '../harness/load.ts';
import { CLIENT, FORM_HEADERS, RESOURCE_SERVER } from './clients.ts';
import type { AsRoProcess } from './start-as-ro.ts';

/** The e-mail domain of the requesting parties; its AS-RqP is played by the benchmark. */
export const GUEST_DOMAIN = 'globex.example';
/** Who the shares are for. */
export const GUEST = `guest@${GUEST_DOMAIN}`;

/** A resource that is shared with the guest. */
export interface SharedResource {
  readonly id: string;
  readonly owner: string;
}

/** What one grant is asked with. */
export interface GrantTokens {
  readonly ticket: string;
  readonly claimsToken: string;
}

const clock = new SystemClock();
const randomness = new SystemRandomness();

/** A ticket and a claims token for it, as the permission endpoint and the guest's AS-RqP make them. Good for two minutes. */
export async function mintGrantTokens(resource: SharedResource, asRo: AsRoProcess, guestIssuer: FakeIssuer): Promise<GrantTokens> {
  const context = {
    permissions: [{ resourceId: resource.id as ResourceId, scopes: ['view'] }],
    resourceServer: RESOURCE_SERVER.clientId as ClientId,
    owner: resource.owner,
    resourceUri: `${RESOURCE_SERVER.identifier}notes/${resource.id}`,
  };
  const ticket = await mintPermissionTicket(
    { issuer: asRo.issuer, context, lifetimeSeconds: 300 },
    { signer: asRo.keys.signer, clock, randomness, sealer: asRo.sealer },
  );
  const claims = {
    issuer: guestIssuer.issuer,
    audience: asRo.issuer,
    email: GUEST,
    clientId: CLIENT.clientId as ClientId,
    actor: { ticketHash: await ticketHash(ticket.nonce), issuer: asRo.issuer },
    expiresAt: clock.now() + 120,
  };
  const { token } = await mintIdentityClaimsToken(claims, { signer: guestIssuer.keys.signer, clock, randomness });
  return { ticket: ticket.token, claimsToken: token };
}

/** The uma-ticket request of these tokens. */
export function grantRequest({ ticket, claimsToken }: GrantTokens): LoadRequest {
  const form = { grant_type: GRANT_TYPES.umaTicket, ticket, claim_token: claimsToken, claim_token_format: TOKEN_TYPE_URNS.jwt };
  return { method: 'POST', path: '/token', headers: FORM_HEADERS, body: new URLSearchParams(form).toString() };
}

/** Requests for `count` grants, over the resources in turn from a random one on. */
export async function grantRequests(count: number, resources: readonly SharedResource[], asRo: AsRoProcess, guestIssuer: FakeIssuer): Promise<LoadRequest[]> {
  const first = Math.floor(Math.random() * resources.length);
  const requests: LoadRequest[] = [];
  for (let index = 0; index < count; index += 1) {
    const resource = resources[(first + index) % resources.length];
    if (resource === undefined) throw new RangeError('no resource is shared');
    requests.push(grantRequest(await mintGrantTokens(resource, asRo, guestIssuer)));
  }
  return requests;
}
