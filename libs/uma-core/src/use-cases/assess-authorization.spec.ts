import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ClientId, ResourceId, ShareId } from '../model/ids.ts';
import type { ClientRegistration } from '../model/client-registration.ts';
import type { IdentityClaims } from '../model/identity-claims.ts';
import type { Resource } from '../model/resource.ts';
import type { Share } from '../model/share.ts';
import { assessAuthorization, type AssessmentInput } from './assess-authorization.ts';

const NOW = 1000;
const bob = { email: 'bob@globex.example', claims: {}, expiresAt: 2000 } as unknown as IdentityClaims;
const client = (scopes: readonly string[]): ClientRegistration => ({ clientId: 'app' as ClientId, grantTypes: [], scopes, redirectUris: [], requireResource: false });
const resource = (id: string, scopes: readonly string[]): Resource => ({ id: id as ResourceId, resourceServer: 'rs' as ClientId, owner: 'alice@acme.example', scopes, localized: {} });
const permission = (id: string, ...scopes: string[]) => ({ resourceId: id as ResourceId, scopes });
let shares = 0;
const share = (id: string, scopes: readonly string[], changes: Partial<Share> = {}): Share => ({
  id: `shr_${(shares += 1)}` as ShareId,
  owner: 'alice@acme.example',
  resourceId: id as ResourceId,
  scopes,
  grantee: { kind: 'person', email: 'bob@globex.example' },
  conditions: {},
  createdAt: 0,
  ...changes,
});
const assess = (input: Partial<AssessmentInput>) =>
  assessAuthorization({ permissions: [], resources: [], shares: [], client: client([]), requestedScopes: [], identity: bob, now: NOW, ...input });

describe('The authorization assessment calculation', () => {
  const photoScopes = ['view', 'resize', 'print', 'download'];
  const fixture = {
    permissions: [permission('album', 'edit'), permission('photo1', 'view'), permission('photo2', 'view')],
    resources: [resource('photo1', photoScopes), resource('photo2', photoScopes), resource('album', ['view', 'edit', 'download'])],
    client: client(['download']),
    requestedScopes: ['download'],
  };

  it('grants of the fixture of UMA Grant 3.3.4 what policy allows: photo1 to view [G24]', () => {
    const { granted, complete } = assess({ ...fixture, shares: [share('photo1', ['view'])] });
    expect({ granted, complete }).toEqual({ granted: [permission('photo1', 'view')], complete: false });
  });

  it('requests for each resource the ticket’s scopes and the added ones: album{edit,download}, photo1{view,download}, photo2{view,download} [G24]', () => {
    const everything = ['album', 'photo1', 'photo2'].map((id) => share(id, ['view', 'edit', 'resize', 'print', 'download']));
    const { granted, complete } = assess({ ...fixture, shares: everything });
    expect({ granted, complete }).toEqual({
      granted: [permission('album', 'edit', 'download'), permission('photo1', 'view', 'download'), permission('photo2', 'view', 'download')],
      complete: true,
    });
  });

  it('adds a requested scope only to the resources that have it', () => {
    const input = { permissions: [permission('a', 'view'), permission('b', 'view')], resources: [resource('a', ['view', 'download']), resource('b', ['view'])], client: client(['download']), requestedScopes: ['download'] };
    const { granted, complete } = assess({ ...input, shares: [share('a', ['view', 'download']), share('b', ['view', 'download'])] });
    expect({ granted, complete }).toEqual({ granted: [permission('a', 'view', 'download'), permission('b', 'view')], complete: true });
  });

  it('never grants what was neither in the ticket nor requested, nor what the resource has not, nor what no share names (property)', () => {
    const scopes = fc.uniqueArray(fc.constantFrom('view', 'edit', 'print', 'download'));
    fc.assert(
      fc.property(scopes, scopes, scopes, scopes, scopes, (ticket, registered, shared, ofClient, wanted) => {
        const requestedScopes = wanted.filter((scope) => ofClient.includes(scope) && registered.includes(scope));
        const { granted, complete } = assess({ permissions: [permission('a', ...ticket)], resources: [resource('a', registered)], shares: [share('a', shared)], client: client(ofClient), requestedScopes });
        const requested = [...new Set([...ticket, ...requestedScopes])].filter((scope) => registered.includes(scope));
        // With nothing left to ask for, the resource itself is asked for, without a scope.
        const expected = requested.length === 0 ? [] : requested.filter((scope) => shared.includes(scope));
        expect(granted.flatMap((item) => item.scopes)).toEqual(expected);
        expect(complete).toBe(requested.length === 0 || expected.length === requested.length);
      }),
    );
  });

  it('grants a permission without scopes when any share lets the person in', () => {
    const input = { permissions: [permission('a')], resources: [resource('a', ['view'])] };
    expect(assess({ ...input, shares: [share('a', ['view'])] })).toMatchObject({ granted: [permission('a')], complete: true });
    expect(assess(input)).toMatchObject({ granted: [], complete: false, needed: [] });
  });

  it('leaves out a resource that is registered no more', () => {
    expect(assess({ permissions: [permission('gone', 'view')], shares: [share('gone', ['view'])] })).toMatchObject({ granted: [], complete: false, reasons: [{ reason: 'no_share' }] });
  });

  it('tells on which shares a grant rests, each once, and the earliest of their ends', () => {
    const first = share('a', ['view', 'edit'], { expiresAt: 5000 });
    const second = share('a', ['print'], { expiresAt: 3000 });
    const unused = share('a', ['download'], { expiresAt: 2000 });
    const { shares: used, sharesEnd } = assess({ permissions: [permission('a', 'view', 'edit', 'print')], resources: [resource('a', ['view', 'edit', 'print'])], shares: [first, second, unused] });
    expect({ used, sharesEnd }).toEqual({ used: [first.id, second.id], sharesEnd: 3000 });
    expect(assess({ permissions: [permission('a', 'view')], resources: [resource('a', ['view'])], shares: [share('a', ['view'])] }).sharesEnd).toBeUndefined();
  });

  it('names each claim that is needed once, whatever number of scopes and resources need it', () => {
    const strict = { conditions: { acrValues: ['otp'] } };
    const input = { permissions: [permission('a', 'view', 'edit'), permission('b', 'view')], resources: [resource('a', ['view', 'edit']), resource('b', ['view'])] };
    const { needed } = assess({ ...input, shares: [share('a', ['view', 'edit'], strict), share('b', ['view'], strict)] });
    expect(needed).toEqual([{ kind: 'acr', values: ['otp'] }]);
  });

  it('needs an identity before anything else', () => {
    const { granted, needed } = assess({ permissions: [permission('a', 'view')], resources: [resource('a', ['view'])], shares: [share('a', ['view'])], identity: undefined });
    expect({ granted, needed }).toEqual({ granted: [], needed: [{ kind: 'identity' }] });
  });

  it('lets a share of one resource into no other', () => {
    const input = { permissions: [permission('a', 'view'), permission('ab', 'view')], resources: [resource('a', ['view']), resource('ab', ['view'])] };
    expect(assess({ ...input, shares: [share('a', ['view'])] }).granted).toEqual([permission('a', 'view')]);
  });
});

describe('A22 Scope escalation', () => {
  const resources = [resource('a', ['view', 'download'])];
  it.each([
    ['not pre-registered for the client [G11]', ['view'], client(['download'])],
    ['registered, but available for no resource of the ticket', ['admin'], client(['admin'])],
    ['good beside a bad one', ['download', 'admin'], client(['download'])],
    ['of another case', ['Download'], client(['download'])],
  ])('refuses a requested scope that is %s [G34]', (_which, requestedScopes, registered) => {
    const input = { permissions: [permission('a', 'view')], resources, requestedScopes, client: registered };
    expect(() => assess(input)).toThrow(expect.objectContaining({ error: 'invalid_scope', status: 400 }));
  });
});
