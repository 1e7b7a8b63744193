import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, CONTEXT, GLOBEX, NOW, party, type Party } from '../../test/token-support.ts';
import type { AuthenticatedClient, ClientRegistration } from '../model/client-registration.ts';
import type { ClientId } from '../model/ids.ts';
import type { TicketLedger } from '../ports/ticket-ledger.ts';
import { mintPermissionTicket, type TicketProcess } from '../tokens/permission-ticket.ts';
import { takeTicket } from './take-ticket.ts';

let acme: Party;
beforeAll(async () => {
  acme = await party('acme-1');
});

const client = (id: string, changes: Partial<ClientRegistration> = {}): AuthenticatedClient => ({
  registration: { clientId: id as ClientId, grantTypes: [], scopes: [], redirectUris: [], requireResource: false, ...changes },
  method: 'client_secret_basic',
});
const gateway = client('gateway', { resourceServer: { identifier: 'https://api.acme.example', baseUris: ['https://api.acme.example', 'https://files.acme.example/x'] } }).registration;

/** A ledger that remembers what it was asked to take, by (issuer, jti). */
function ledger(): TicketLedger & { readonly taken: string[] } {
  const taken: string[] = [];
  return {
    taken,
    take: async ({ issuer, tokenId }) => {
      const key = JSON.stringify([issuer, tokenId]);
      if (taken.includes(key)) return false;
      return taken.push(key) > 0;
    },
  };
}
const deps = (tickets = ledger(), by: Party = acme) => ({ ...by, issuer: ACME, tickets, clients: { find: async (id: string) => (id === 'gateway' ? gateway : undefined) } });

async function ticketOf(process?: TicketProcess, changes: Partial<typeof CONTEXT> = {}): Promise<string> {
  return (await mintPermissionTicket({ issuer: ACME, context: { ...CONTEXT, ...changes, ...(process === undefined ? {} : { process }) }, lifetimeSeconds: 300 }, acme)).token;
}
const presented = (ticket: string, changes: object = {}) => ({ ticket, resources: [], client: client('app'), thumbprint: undefined, ...changes });
const BURNED = { error: 'invalid_grant', reason: 'ticket_used' };

describe('Taking a ticket', () => {
  it('gives its context and the RS that it was made for, once [G58]', async () => {
    const tickets = ledger();
    const ticket = await ticketOf();
    await expect(takeTicket(presented(ticket), deps(tickets))).resolves.toMatchObject({ ticket: { context: CONTEXT }, resourceServer: { identifier: 'https://api.acme.example' } });
    await expect(takeTicket(presented(ticket), deps(tickets))).rejects.toMatchObject(BURNED);
  });

  it('is keyed by issuer and jti, never by the token string', async () => {
    const tickets = ledger();
    await takeTicket(presented(await ticketOf()), deps(tickets));
    expect(tickets.taken).toEqual([expect.stringMatching(/^\["https:\/\/as\.acme\.example","[A-Za-z0-9_-]{22}"\]$/)]);
  });

  it('A17 refuses what is not a live ticket of ours, without asking the ledger [G33]', async () => {
    const tickets = ledger();
    const evil = await party('acme-1');
    const foreign = (await mintPermissionTicket({ issuer: ACME, context: CONTEXT, lifetimeSeconds: 300 }, evil)).token;
    const otherIssuer = (await mintPermissionTicket({ issuer: GLOBEX, context: CONTEXT, lifetimeSeconds: 300 }, acme)).token;
    for (const ticket of ['', 'x', 'a.b.c', foreign, otherIssuer]) await expect(takeTicket(presented(ticket), deps(tickets))).rejects.toMatchObject({ error: 'invalid_grant', status: 400 });
    expect(tickets.taken).toEqual([]);
  });

  it('refuses an expired ticket, skew included [G59]', async () => {
    const ticket = await ticketOf();
    await expect(takeTicket(presented(ticket), deps(ledger(), acme.at(NOW + 359)))).resolves.toBeDefined();
    await expect(takeTicket(presented(ticket), deps(ledger(), acme.at(NOW + 360)))).rejects.toMatchObject({ error: 'invalid_grant', reason: 'ticket_expired' });
  });

  it('fails closed when the ledger fails', async () => {
    const broken: TicketLedger = {
      take: async () => {
        throw new Error('gone');
      },
    };
    await expect(takeTicket(presented(await ticketOf()), { ...deps(), tickets: broken })).rejects.toThrow('gone');
  });

  it('refuses a ticket whose RS is registered no more', async () => {
    const ticket = await ticketOf(undefined, { resourceServer: 'former-gateway' as ClientId });
    await expect(takeTicket(presented(ticket), deps())).rejects.toMatchObject({ error: 'invalid_grant', reason: 'resource_server_gone' });
  });
});

describe('A15 A ticket of a process', () => {
  const process = { clientId: 'app' as ClientId, rounds: 1, deadline: NOW + 100, thumbprint: 'k'.repeat(43) };
  it.each([
    ['another client', { client: client('thief') }, 'ticket_of_another_client'],
    ['another key', { thumbprint: 'x'.repeat(43) }, 'ticket_of_another_key'],
    ['no key', { thumbprint: undefined }, 'ticket_of_another_key'],
  ])('presented by %s is refused, and burned for everybody [G59]', async (_who, changes, reason) => {
    const tickets = ledger();
    const ticket = await ticketOf(process);
    await expect(takeTicket(presented(ticket, { thumbprint: process.thumbprint, ...changes }), deps(tickets))).rejects.toMatchObject({ error: 'invalid_grant', reason });
    await expect(takeTicket(presented(ticket, { thumbprint: process.thumbprint }), deps(tickets))).rejects.toMatchObject(BURNED);
  });

  it('is good for its client with its key until its deadline', async () => {
    for (const [now, outcome] of [[NOW + 100, 'good'], [NOW + 101, 'late']] as const) {
      const taking = takeTicket(presented(await ticketOf(process), { thumbprint: process.thumbprint }), deps(ledger(), acme.at(now)));
      if (outcome === 'good') await expect(taking).resolves.toBeDefined();
      else await expect(taking).rejects.toMatchObject({ error: 'invalid_grant', reason: 'process_deadline_passed' });
    }
  });

  it('that is bound to no key takes any', async () => {
    const { thumbprint: _thumbprint, ...unbound } = process;
    await expect(takeTicket(presented(await ticketOf(unbound), { thumbprint: 'x'.repeat(43) }), deps())).resolves.toBeDefined();
  });
});

describe('A1b The resource parameter', () => {
  it.each(['https://api.acme.example', 'https://api.acme.example/', 'https://files.acme.example/x'])('may be %s', async (resource) => {
    await expect(takeTicket(presented(await ticketOf(), { resources: [resource] }), deps())).resolves.toBeDefined();
  });

  it.each([[['https://evil.example']], [['https://api.acme.example', 'https://evil.example']], [['https://api.acme.example/notes']], [['']]])('%j is invalid_target, and the ticket is burned [G59]', async (resources) => {
    const tickets = ledger();
    const ticket = await ticketOf();
    await expect(takeTicket(presented(ticket, { resources }), deps(tickets))).rejects.toMatchObject({ error: 'invalid_target', status: 400 });
    await expect(takeTicket(presented(ticket), deps(tickets))).rejects.toMatchObject(BURNED);
  });

  it('is required of clients that are flagged so', async () => {
    const careful = client('app', { requireResource: true });
    await expect(takeTicket(presented(await ticketOf(), { client: careful }), deps())).rejects.toMatchObject({ error: 'invalid_target' });
    await expect(takeTicket(presented(await ticketOf(), { client: careful, resources: ['https://api.acme.example'] }), deps())).resolves.toBeDefined();
  });
});
