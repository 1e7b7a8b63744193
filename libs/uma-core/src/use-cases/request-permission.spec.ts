import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, party, readToken, type Party } from '../../test/token-support.ts';
import type { ClientId, ResourceId } from '../model/ids.ts';
import type { Resource } from '../model/resource.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';
import { verifyPermissionTicket } from '../tokens/permission-ticket.ts';
import { ticketHash } from '../tokens/ticket-hash.ts';
import { issueTicketPair, requestPermission } from './request-permission.ts';

const RS = { clientId: 'rs' as ClientId, registration: { identifier: 'https://rs.acme.example', baseUris: ['https://rs.acme.example/base', 'https://rs.acme.example/other'] } };
const resource = (id: string, changes: Partial<Resource> = {}): Resource => ({
  id: id as ResourceId,
  resourceServer: RS.clientId,
  owner: 'alice@acme.example',
  scopes: ['view', 'edit'],
  localized: {},
  ...changes,
});
const RESOURCES = [resource('note', { uri: 'https://rs.acme.example/base/note' }), resource('photo'), resource('annas', { owner: 'anna@acme.example' }), resource('foreign', { resourceServer: 'other' as ClientId })];
const ask = (resourceId: string, scopes: readonly string[] = ['view'], resourceUri?: string) => ({ resourceId, scopes, ...(resourceUri === undefined ? {} : { resourceUri }) });

let acme: Party;
/** Every method that the use case calls; anything but `findAll` would be a write or needless. */
const calls: string[] = [];
beforeAll(async () => {
  acme = await party('acme-1');
});

function deps(ticketLifetimeSeconds = 300) {
  const resources = new Proxy({} as ResourceRegistry, {
    get: (_target, method) => async (ids: readonly string[]) => {
      calls.push(String(method));
      return RESOURCES.filter(({ id }) => ids.includes(id));
    },
  });
  return { ...acme, issuer: ACME, ticketLifetimeSeconds, resources };
}
const contextOf = async (ticket: string) => (await verifyPermissionTicket(ticket, { issuer: ACME, keys: acme.keys }, acme)).context;

describe('A permission request', () => {
  it('becomes a ticket that carries permissions, RS, owner and URI, and no process [F17, F19]', async () => {
    const { ticket } = await requestPermission([ask('note'), ask('photo', ['edit'])], RS, deps());
    expect(await contextOf(ticket)).toEqual({
      permissions: [{ resourceId: 'note', scopes: ['view'] }, { resourceId: 'photo', scopes: ['edit'] }],
      resourceServer: 'rs',
      owner: 'alice@acme.example',
      resourceUri: 'https://rs.acme.example/base/note',
    });
  });

  it('costs no write: the resources are read, once', async () => {
    calls.length = 0;
    await requestPermission([ask('note'), ask('photo'), ask('note', ['edit'])], RS, deps());
    expect(calls).toEqual(['findAll']);
  });

  it('unites what is asked for one resource, and may ask for no scope [F18]', async () => {
    const { ticket } = await requestPermission([ask('note', ['view']), ask('photo', []), ask('note', ['edit', 'view'])], RS, deps());
    expect((await contextOf(ticket)).permissions).toEqual([{ resourceId: 'note', scopes: ['view', 'edit'] }, { resourceId: 'photo', scopes: [] }]);
  });

  it.each([
    ['an unknown id [F20]', [ask('unknown')], 'invalid_resource_id'],
    ['A29 another RS’s id', [ask('foreign')], 'invalid_resource_id'],
    ['an unknown id among known ones [F20]', [ask('note'), ask('unknown')], 'invalid_resource_id'],
    ['a scope that is not registered [F21]', [ask('note', ['view', 'admin'])], 'invalid_scope'],
    ['a scope that is registered for another resource only [F21]', [ask('photo', ['print'])], 'invalid_scope'],
    ['two owners [F22]', [ask('note'), ask('annas')], 'invalid_request'],
    ['A2 a resource_uri outside the base URIs', [ask('note', ['view'], 'https://rs.acme.example/basement')], 'invalid_request'],
    ['two resource_uris', [ask('note', ['view'], 'https://rs.acme.example/base/1'), ask('photo', ['view'], 'https://rs.acme.example/base/2')], 'invalid_request'],
    ['no permission at all', [], 'invalid_resource_id'],
  ])('with %s is refused', async (_what, requests, error) => {
    await expect(requestPermission(requests, RS, deps())).rejects.toMatchObject({ error, status: 400 });
  });

  it('for more than fits into a ticket is refused, not failed', async () => {
    const scopes = Array.from({ length: 60 }, (_, index) => `${index}${'s'.repeat(120)}`);
    const large = { ...deps(), resources: { ...deps().resources, findAll: async () => [resource('large', { scopes })] } };
    await expect(requestPermission([ask('large', scopes)], RS, large)).rejects.toMatchObject({ error: 'invalid_request', reason: 'ticket_too_large' });
  });

  it.each([
    ['what the request says', 'https://rs.acme.example/other/x', 'photo', 'https://rs.acme.example/other/x'],
    ['else the registered uri', undefined, 'note', 'https://rs.acme.example/base/note'],
    ['else the RS’s first base URI', undefined, 'photo', 'https://rs.acme.example/base'],
  ])('names as aud of the resource claims token %s', async (_which, resourceUri, id, audience) => {
    const { resourceClaimsToken } = await requestPermission([ask(id, ['view'], resourceUri)], RS, deps());
    expect(readToken(resourceClaimsToken).claims['aud']).toBe(audience);
  });
});

describe('A ticket pair', () => {
  it('is bound by the hash of the nonce, and the claims token does not outlive the ticket', async () => {
    const pair = await requestPermission([ask('note')], RS, deps(120));
    const ticket = readToken(pair.ticket).claims;
    const claims = readToken(pair.resourceClaimsToken).claims;
    expect(claims).toMatchObject({ iss: ACME, sub: await ticketHash(String(ticket['sub'])), exp: ticket['exp'] });
    expect(pair.expiresAt).toBe(acme.clock.now() + 120);
  });

  it('keeps the nonce on rotation and nothing else (Decision D1)', async () => {
    const context = { permissions: [], resourceServer: RS.clientId, owner: 'alice@acme.example', resourceUri: 'https://rs.acme.example/base' };
    const first = await issueTicketPair({ context }, deps());
    const nonce = String(readToken(first.ticket).claims['sub']);
    const second = await issueTicketPair({ context, nonce }, deps());
    expect(readToken(second.ticket).claims['sub']).toBe(nonce);
    expect(readToken(second.resourceClaimsToken).claims['sub']).toBe(readToken(first.resourceClaimsToken).claims['sub']);
    expect(readToken(second.ticket).claims['jti']).not.toBe(readToken(first.ticket).claims['jti']);
    expect(second.ticket).not.toBe(first.ticket);
  });
});
