import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, API, CONTEXT, GLOBEX, NOW, party, readToken, type Party } from '../../test/token-support.ts';
import { DiscoveryFailure } from '../errors/discovery-failure.ts';
import type { AuthenticatedClient } from '../model/client-registration.ts';
import type { ClientId, ResourceId, ShareId } from '../model/ids.ts';
import type { JsonObject } from '../model/json.ts';
import type { Resource } from '../model/resource.ts';
import type { Share } from '../model/share.ts';
import type { ConsumedClaimsToken, GrantLedger, GrantRecord } from '../ports/grant-ledger.ts';
import { mintIdentityClaimsToken, type IdentityClaimsInput } from '../tokens/identity-claims-token.ts';
import { verifyPermissionTicket } from '../tokens/permission-ticket.ts';
import { TOKEN_TYPE_URNS } from '../wire/urns.ts';
import { redeemTicket, type Redemption, type TicketRedemption } from './redeem-ticket.ts';
import { issueTicketPair, type TicketPair } from './request-permission.ts';

let acme: Party;
let globex: Party;
beforeAll(async () => {
  acme = await party('acme-1');
  globex = await party('globex-1');
});

const APP: AuthenticatedClient = { registration: { clientId: 'app' as ClientId, grantTypes: [], scopes: ['print'], redirectUris: [], requireResource: false }, method: 'client_secret_basic' };
const GATEWAY = { clientId: CONTEXT.resourceServer, grantTypes: [], scopes: [], redirectUris: [], requireResource: false, resourceServer: { identifier: API, baseUris: [API] } };
const NOTE: Resource = { id: 'res_1' as ResourceId, resourceServer: CONTEXT.resourceServer, owner: CONTEXT.owner, scopes: ['view', 'edit', 'print'], localized: {} };
const share = (changes: Partial<Share> = {}): Share => ({ id: 'shr_1' as ShareId, owner: CONTEXT.owner, resourceId: NOTE.id, scopes: ['view'], grantee: { kind: 'anyone' }, conditions: {}, createdAt: 0, ...changes });

/** A ledger with its single use of claims tokens; `answer` replaces what `record` says. */
function ledger(answer?: Awaited<ReturnType<GrantLedger['record']>>): GrantLedger & { readonly records: { grant: GrantRecord; consumed: ConsumedClaimsToken | undefined }[]; readonly consumed: Set<string> } {
  const records: { grant: GrantRecord; consumed: ConsumedClaimsToken | undefined }[] = [];
  const consumed = new Set<string>();
  const consume = ({ issuer, tokenId }: ConsumedClaimsToken): boolean => {
    const key = `${issuer} ${tokenId}`;
    if (consumed.has(key)) return false;
    consumed.add(key);
    return true;
  };
  return {
    records,
    consumed,
    record: async (grant, claimsToken) => {
      if (answer !== undefined) return answer;
      if (claimsToken !== undefined && !consume(claimsToken)) return 'claims_token_used';
      records.push({ grant, consumed: claimsToken });
      return 'recorded';
    },
    consumeClaimsToken: async (claimsToken) => consume(claimsToken),
    isActive: async () => true,
    revoke: async () => true,
  };
}

interface Situation {
  readonly shares?: readonly Share[];
  readonly resources?: readonly Resource[];
  readonly grants?: GrantLedger;
}
function deps({ shares = [share()], resources = [NOTE], grants = ledger() }: Situation = {}, changes: Partial<TicketRedemption> = {}): TicketRedemption {
  const taken = new Set<string>();
  return {
    ...acme,
    issuer: ACME,
    ticketLifetimeSeconds: 300,
    tickets: { take: async ({ tokenId }) => !taken.has(tokenId) && taken.add(tokenId).size > 0 },
    clients: { find: async (id) => (id === GATEWAY.clientId ? GATEWAY : undefined) },
    resources: { findAll: async () => resources } as unknown as TicketRedemption['resources'],
    shares: { findByResources: async () => shares } as unknown as TicketRedemption['shares'],
    grants,
    directory: { issuerFor: async () => GLOBEX, keysOf: () => globex.keys },
    identityTrust: { mode: 'open', allow: [], deny: [] },
    holderBinding: 'required',
    rptLifetimeSeconds: 600,
    partialGrants: true,
    processLifetimeSeconds: 900,
    maxRounds: 3,
    persistedClaims: { find: async () => undefined } as unknown as TicketRedemption['persistedClaims'],
    requests: {} as TicketRedemption['requests'],
    pollIntervalSeconds: 5,
    requestLifetimeSeconds: 86_400,
    pendingRequestsPerIssuer: 200,
    ...changes,
  };
}

const pair = (by: TicketRedemption, scopes: readonly string[] = ['view']): Promise<TicketPair> => issueTicketPair({ context: { ...CONTEXT, permissions: [{ resourceId: NOTE.id, scopes }] } }, by);
async function claimToken({ resourceClaimsToken }: TicketPair, changes: Partial<IdentityClaimsInput> = {}): Promise<{ token: string; format: string }> {
  const { sub } = readToken(resourceClaimsToken).claims;
  const input = { issuer: GLOBEX, audience: ACME, email: 'bob@globex.example', clientId: 'app' as ClientId, actor: { ticketHash: String(sub), issuer: ACME }, expiresAt: NOW + 120 };
  return { token: (await mintIdentityClaimsToken({ ...input, ...changes }, globex)).token, format: TOKEN_TYPE_URNS.jwt };
}
const request = ({ ticket }: TicketPair, changes: object = {}) => ({ ticket, scopes: [], resources: [], client: APP, ...changes });
function ticketsOf(redemption: Redemption): TicketPair {
  if (redemption.outcome !== 'need_info') throw new Error(`the outcome is ${redemption.outcome}`);
  return redemption.tickets;
}
const DENIED = { outcome: 'request_denied' };

describe('Redeeming a ticket', () => {
  it('grants an RPT only after the ledger has recorded it with the claims token that it consumes', async () => {
    const grants = ledger();
    const by = deps({ grants });
    const tickets = await pair(by);
    const redemption = await redeemTicket(request(tickets, { claimToken: await claimToken(tickets) }), by);
    expect(redemption).toMatchObject({ outcome: 'granted', expiresIn: 600, tokenType: 'Bearer', resource: API, complete: true });
    if (redemption.outcome !== 'granted') throw new Error();
    const { claims } = readToken(redemption.rpt);
    expect(grants.records).toEqual([
      {
        grant: {
          issuer: ACME,
          tokenId: claims['jti'],
          ticketId: readToken(tickets.ticket).claims['jti'],
          clientId: 'app',
          resourceServer: CONTEXT.resourceServer,
          owner: CONTEXT.owner,
          requestingParty: 'bob@globex.example',
          permissions: [{ resourceId: 'res_1', scopes: ['view'] }],
          shares: ['shr_1'],
          issuedAt: NOW,
          expiresAt: NOW + 600,
        },
        consumed: expect.objectContaining({ issuer: GLOBEX, email: 'bob@globex.example' }),
      },
    ]);
  });

  it.each([['claims_token_used', 'claim_token_used'], ['share_withdrawn', 'share_withdrawn']] as const)('gives no RPT when the ledger says %s', async (answer, reason) => {
    const by = deps({ grants: ledger(answer) });
    const tickets = await pair(by);
    expect(await redeemTicket(request(tickets, { claimToken: await claimToken(tickets) }), by)).toEqual({ ...DENIED, reason });
  });

  it('gives no RPT when the ledger fails', async () => {
    const by = deps({ grants: { ...ledger(), record: () => Promise.reject(new Error('gone')) } });
    const tickets = await pair(by);
    await expect(redeemTicket(request(tickets, { claimToken: await claimToken(tickets) }), by)).rejects.toThrow('gone');
  });

  it('uses the ticket up first: an unexpected failure later does not give it back [G59]', async () => {
    const by = deps({}, { shares: { findByResources: () => Promise.reject(new Error('gone')) } as unknown as TicketRedemption['shares'] });
    const tickets = await pair(by);
    await expect(redeemTicket(request(tickets), by)).rejects.toThrow('gone');
    await expect(redeemTicket(request(tickets), by)).rejects.toMatchObject({ error: 'invalid_grant', reason: 'ticket_used' });
  });

  it('bounds the RPT by the end of the share that it rests on', async () => {
    const by = deps({ shares: [share({ expiresAt: NOW + 1 })] });
    const tickets = await pair(by);
    expect(await redeemTicket(request(tickets, { claimToken: await claimToken(tickets) }), by)).toMatchObject({ outcome: 'granted', expiresIn: 1 });
  });

  it('binds the RPT to the key that the request proved', async () => {
    const by = deps();
    const tickets = await pair(by);
    const redemption = await redeemTicket(request(tickets, { claimToken: await claimToken(tickets), thumbprint: 'k'.repeat(43) }), by);
    if (redemption.outcome !== 'granted') throw new Error();
    expect({ type: redemption.tokenType, cnf: readToken(redemption.rpt).claims['cnf'] }).toEqual({ type: 'DPoP', cnf: { jkt: 'k'.repeat(43) } });
  });

  it.each([
    ['a share of a former owner', { shares: [share({ owner: 'anna@acme.example' })] }],
    ['a resource that has another owner now', { resources: [{ ...NOTE, owner: 'anna@acme.example' }] }],
    ['a resource that another RS registered', { resources: [{ ...NOTE, resourceServer: 'other' as ClientId }] }],
    ['no resource any more', { resources: [] }],
    ['A24 no share', { shares: [] }],
  ])('is denied with %s [G63]', async (_what, situation) => {
    const by = deps(situation);
    const tickets = await pair(by);
    expect(await redeemTicket(request(tickets, { claimToken: await claimToken(tickets) }), by)).toMatchObject(DENIED);
  });
});

describe('need_info', () => {
  it('goes on with a ticket of the same nonce that remembers client, key, round and deadline [G36]', async () => {
    const by = deps();
    const first = await pair(by);
    const second = ticketsOf(await redeemTicket(request(first, { thumbprint: 'k'.repeat(43) }), by));
    const { nonce, context } = await verifyPermissionTicket(second.ticket, { issuer: ACME, keys: acme.keys }, acme);
    expect(nonce).toBe(readToken(first.ticket).claims['sub']);
    expect(context).toEqual({ ...CONTEXT, process: { clientId: 'app', thumbprint: 'k'.repeat(43), rounds: 1, deadline: NOW + 900, identity: undefined } });
  });

  it('keeps the deadline of the first answer, and the key once there is one', async () => {
    const by = deps();
    const second = ticketsOf(await redeemTicket(request(await pair(by)), by));
    const later = { ...by, clock: acme.at(NOW + 200).clock };
    const third = ticketsOf(await redeemTicket(request(second, { thumbprint: 'k'.repeat(43) }), later));
    const { context } = await verifyPermissionTicket(third.ticket, { issuer: ACME, keys: acme.keys }, acme.at(NOW + 200));
    expect(context.process).toMatchObject({ rounds: 2, deadline: NOW + 900, thumbprint: 'k'.repeat(43) });
  });

  it('ends the process when the rounds are used up', async () => {
    const by = deps();
    let tickets = await pair(by);
    for (let round = 0; round < 3; round += 1) tickets = ticketsOf(await redeemTicket(request(tickets), by));
    expect(await redeemTicket(request(tickets), by)).toEqual({ ...DENIED, reason: 'too_many_rounds' });
  });

  it('spends the claims token that it took, and remembers what it said', async () => {
    const grants = ledger();
    const by = deps({ grants, shares: [share({ conditions: { acrValues: ['otp'] } })] });
    const first = await pair(by);
    const token = await claimToken(first);
    const redemption = await redeemTicket(request(first, { claimToken: token }), by);
    expect(redemption).toMatchObject({ outcome: 'need_info', needed: [{ kind: 'acr', values: ['otp'] }] });
    expect(grants.consumed.size).toBe(1);
    const again = await redeemTicket(request(ticketsOf(redemption), { claimToken: token }), by);
    expect(again).toEqual({ ...DENIED, reason: 'claim_token_used' });
  });

  it('goes on from the remembered identity when the owner has meanwhile asked for less, consuming nothing more', async () => {
    const grants = ledger();
    const by = deps({ grants, shares: [share({ conditions: { acrValues: ['otp'] } })] });
    const first = await pair(by);
    const second = ticketsOf(await redeemTicket(request(first, { claimToken: await claimToken(first) }), by));
    const relaxed = { ...deps({ grants }), tickets: by.tickets };
    expect(await redeemTicket(request(second), relaxed)).toMatchObject({ outcome: 'granted' });
    expect(grants.records.map(({ consumed }) => consumed)).toEqual([undefined]);
  });

  it('does not spend a claims token that could not be verified for an outage', async () => {
    const grants = ledger();
    const down = deps({ grants }, { directory: { issuerFor: () => Promise.reject(new DiscoveryFailure('webfinger_timeout')), keysOf: () => globex.keys } });
    const first = await pair(down);
    const token = await claimToken(first);
    const second = ticketsOf(await redeemTicket(request(first, { claimToken: token }), down));
    expect(grants.consumed.size).toBe(0);
    const up = { ...deps({ grants }), tickets: down.tickets };
    expect(await redeemTicket(request(second, { claimToken: token }), up)).toMatchObject({ outcome: 'granted' });
  });

  it('keeps the remembered identity over a round whose token could not be verified', async () => {
    const by = deps({ shares: [share({ conditions: { acrValues: ['otp'] } })] });
    const first = await pair(by);
    const second = ticketsOf(await redeemTicket(request(first, { claimToken: await claimToken(first) }), by));
    const third = ticketsOf(await redeemTicket(request(second, { claimToken: { token: 'garbage', format: TOKEN_TYPE_URNS.jwt } }), by));
    const relaxed = { ...deps(), tickets: by.tickets };
    expect(await redeemTicket(request(third), relaxed)).toMatchObject({ outcome: 'granted' });
  });

  it('becomes a denial when what must be remembered does not fit into a ticket', async () => {
    const by = deps({ shares: [share({ conditions: { acrValues: ['otp'] } })] });
    const first = await pair(by);
    const claims: JsonObject = { x: 'y'.repeat(5_000) };
    expect(await redeemTicket(request(first, { claimToken: await claimToken(first, { claims }) }), by)).toEqual({ ...DENIED, reason: 'token_too_large' });
  });
});

describe('Partial grants (Decision D8)', () => {
  it.each([[true, 'granted'], [false, 'request_denied']] as const)('allowed: %s → %s', async (partialGrants, outcome) => {
    const by = deps({}, { partialGrants });
    const tickets = await pair(by, ['view', 'edit']);
    expect(await redeemTicket(request(tickets, { claimToken: await claimToken(tickets) }), by)).toMatchObject({ outcome });
  });

  it('say that they are partial', async () => {
    const by = deps();
    const tickets = await pair(by, ['view', 'edit']);
    expect(await redeemTicket(request(tickets, { claimToken: await claimToken(tickets) }), by)).toMatchObject({ outcome: 'granted', complete: false });
  });
});
