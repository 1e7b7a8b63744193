import { afterAll, afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { InProcessBus, type DomainEvent, type RequestClient } from '@uma-federation/messaging';
import { protectionApiMessage, type ClientId, type JsonObject, type ProtectionApiRequest, type ResourceId } from '@uma-federation/uma-core';
import { asRoConfiguration } from '../src/index.ts';
import { ALICE, AsRoUnderTest, ISSUER, NOTE_URI, stopAll, toChallenge } from './harness.ts';
import { APP, NO_RS, OTHER_RS, RS } from './support/clients.ts';

const SHARED = { address: { kind: 'standalone', host: 'redis' } };
let asRo: AsRoUnderTest;
let client: RequestClient;
let events: DomainEvent[];

beforeEach(async () => {
  const bus = new InProcessBus();
  events = [];
  for (const type of ['share-changed', 'resource-changed', 'keys-rotated'] as const) bus.events.on(type, (event) => events.push(event));
  asRo = await AsRoUnderTest.start({ overrides: { bus: bus.server('as-ro'), events: bus.events } });
  client = bus.client('as-ro');
  expect(events.splice(0)).toEqual([{ type: 'keys-rotated', issuer: ISSUER }]);
});

afterEach(() => client.close());
afterAll(stopAll);

function ask<T>(request: ProtectionApiRequest, clientId: string = RS.id, messageId?: string): Promise<T> {
  return client.request<T>(request.operation, protectionApiMessage(request, clientId as ClientId), { messageId });
}

const description = { resource_scopes: ['view'], owner: ALICE, uri: NOTE_URI };

describe('the protection API on the bus', () => {
  it('does what the HTTP one does, on the same resources', async () => {
    const { _id } = await ask<{ _id: ResourceId }>({ operation: 'resource.create', body: description });
    expect((await asRo.api('GET', `/resource/${_id}`)).body).toMatchObject(description);
    expect(await ask({ operation: 'resource.list' })).toEqual([_id]);
    await ask({ operation: 'resource.replace', id: _id, body: { ...description, name: 'note' } });
    expect(await ask({ operation: 'resource.read', id: _id })).toMatchObject({ name: 'note' });
    const ticket = await ask({ operation: 'permission.request', body: { resource_id: _id, resource_scopes: ['view'], resource_uri: NOTE_URI } });
    expect(Object.keys(ticket as object)).toEqual(['ticket', 'resource_claims_token', 'issued_token_type']);
    expect(await ask({ operation: 'rpt.introspect', token: 'eyJ' })).toEqual({ active: false });
    expect(await ask({ operation: 'revocation.read' })).toMatchObject({ revoked: [], more: false });
    expect(await ask({ operation: 'resource.remove', id: _id })).toBeNull();
    expect((await asRo.api('GET', `/resource/${_id}`)).status).toBe(404);
  });

  it('gives a ticket that a client can redeem', async () => {
    const id = await asRo.register();
    await asRo.share(id);
    const answer = await ask<JsonObject>({ operation: 'permission.request', body: { resource_id: id, resource_scopes: ['view'], resource_uri: NOTE_URI } });
    expect((await asRo.access(toChallenge(answer))).status).toBe(200);
  });

  it('refuses as the HTTP one does: unknown resources and scopes, foreign resources, clients that are no resource server', async () => {
    const id = (await asRo.register()) as ResourceId;
    const permission = (resource_id: string, scope: string) => ask({ operation: 'permission.request', body: { resource_id, resource_scopes: [scope] } });
    await expect(permission('res_none', 'view')).rejects.toMatchObject({ status: 400, error: 'invalid_resource_id' });
    await expect(permission(id, 'destroy')).rejects.toMatchObject({ status: 400, error: 'invalid_scope' });
    await expect(ask({ operation: 'resource.read', id }, OTHER_RS.id)).rejects.toMatchObject({ status: 404, error: 'not_found' });
    for (const stranger of ['nobody', NO_RS.id, APP.id]) {
      await expect(ask({ operation: 'resource.read', id }, stranger)).rejects.toMatchObject({ status: 403, error: 'insufficient_scope' });
    }
    await expect(client.request('resource.read', { id })).rejects.toMatchObject({ status: 400, error: 'invalid_request' });
  });

  it('registers one resource for one message, however often it is delivered, at the same time or later', async () => {
    const request: ProtectionApiRequest = { operation: 'resource.create', body: description };
    const created = await Promise.all(Array.from({ length: 5 }, () => ask<{ _id: string }>(request, RS.id, 'one message')));
    const again = await ask<{ _id: string }>(request, RS.id, 'one message');
    expect(new Set([...created, again].map(({ _id }) => _id)).size).toBe(1);
    const other = await ask<{ _id: string }>(request, RS.id, 'another message');
    expect(await ask({ operation: 'resource.list' })).toEqual([again._id, other._id]);
  });
});

describe('what AS-RO tells the replicas of its domain', () => {
  it('is that a share was taken back', async () => {
    const id = await asRo.register();
    const shareId = await asRo.share(id);
    expect(events).toEqual([]);
    await asRo.api('DELETE', `/owner/shares/${shareId}`, undefined, await asRo.ownerToken());
    expect(events).toEqual([{ type: 'share-changed', shareId }]);
  });

  it('is that a resource was changed or removed', async () => {
    const id = await asRo.register();
    await asRo.api('PUT', `/resource/${id}`, { resource_scopes: ['view'] });
    await asRo.api('DELETE', `/resource/${id}`);
    expect(events).toEqual([{ type: 'resource-changed', resourceId: id }, { type: 'resource-changed', resourceId: id }]);
  });

  it('is nothing when nothing has changed', async () => {
    await asRo.api('DELETE', '/owner/shares/shr_none', undefined, await asRo.ownerToken());
    await asRo.api('DELETE', '/resource/res_none');
    expect(events).toEqual([]);
  });
});

describe('the settings of Redis and the bus', () => {
  const settings = { issuer: 'https://as.acme.example', emailDomains: ['acme.example'], owners: { identityProvider: 'https://idp.acme.example', clientIds: ['x'] }, keyFile: 'k', contextKeyFile: 'c', database: { url: 'postgres://x' } };

  it('are off by default; the bus needs Redis', () => {
    expect(asRoConfiguration.parse(settings)).toMatchObject({ bus: false });
    expect(asRoConfiguration.safeParse({ ...settings, bus: true }).error?.issues).toEqual([expect.objectContaining({ path: ['bus'] })]);
    expect(asRoConfiguration.parse({ ...settings, bus: true, redis: SHARED })).toMatchObject({ bus: true, redis: { address: { port: 6379 }, commandTimeout: 500, localShare: 0.5, keyPrefix: 'uma' } });
  });

  it('take Sentinels and a cluster', () => {
    const nodes = [{ host: 'a' }, { host: 'b', port: 7000 }];
    expect(asRoConfiguration.parse({ ...settings, redis: { address: { kind: 'cluster', nodes } } }).redis?.address).toEqual({ kind: 'cluster', nodes: [{ host: 'a', port: 6379 }, { host: 'b', port: 7000 }] });
    expect(asRoConfiguration.parse({ ...settings, redis: { address: { kind: 'sentinel', sentinels: nodes, primaryName: 'main' } } }).redis?.address).toMatchObject({ primaryName: 'main' });
    expect(asRoConfiguration.safeParse({ ...settings, redis: { address: { kind: 'sentinel', sentinels: [] } } }).success).toBe(false);
  });
});
