import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, API, CLIENT, GLOBEX, NOW, party, type Party } from '../../test/token-support.ts';
import type { ResourceId } from '../model/ids.ts';
import type { GrantLedger } from '../ports/grant-ledger.ts';
import type { ResourceRegistry } from '../ports/resource-registry.ts';
import { mintAccessToken } from '../tokens/protection-api-token.ts';
import { mintRequestingPartyToken, type RequestingPartyTokenInput } from '../tokens/requesting-party-token.ts';
import { introspectRpt } from './introspect-rpt.ts';

let acme: Party;
beforeAll(async () => {
  acme = await party('acme-1');
});

const SERVER = { identifier: API, baseUris: [API] };
const ledger = (active: boolean): GrantLedger => ({ isActive: async () => active, record: async () => 'recorded', consumeClaimsToken: async () => true, revoke: async () => true });
/** A registry in which `res_1` has these scopes; undefined: the resource is gone. */
const registry = (scopes: readonly string[] | undefined): ResourceRegistry =>
  ({ findAll: async () => (scopes === undefined ? [] : [{ id: 'res_1', scopes }]) }) as unknown as ResourceRegistry;
const deps = (active = true, scopes: readonly string[] | undefined = ['view']) => ({ ...acme, issuer: ACME, grants: ledger(active), resources: registry(scopes) });
const mint = async (changes: Partial<RequestingPartyTokenInput> = {}, by: Party = acme): Promise<string> =>
  (await mintRequestingPartyToken({ issuer: ACME, audience: API, subject: 'bob@globex.example', clientId: CLIENT, permissions: [{ resourceId: 'res_1' as ResourceId, scopes: ['view'] }], lifetimeSeconds: 300, ...changes }, by)).token;
const INACTIVE = { active: false };

describe('Introspection', () => {
  it('answers permissions and no scope [F23, F24]', async () => {
    expect(await introspectRpt(await mint({ acr: 'otp', authTime: NOW - 10 }), SERVER, deps())).toEqual({
      active: true,
      token_type: 'Bearer',
      iss: ACME,
      aud: API,
      sub: 'bob@globex.example',
      client_id: CLIENT,
      jti: expect.any(String),
      iat: NOW,
      exp: NOW + 300,
      acr: 'otp',
      auth_time: NOW - 10,
      permissions: [{ resource_id: 'res_1', resource_scopes: ['view'] }],
    });
  });

  it('tells of a bound token that it is one, and by which key', async () => {
    const jkt = 'k'.repeat(43);
    expect(await introspectRpt(await mint({ confirmationThumbprint: jkt }), SERVER, deps())).toMatchObject({ token_type: 'DPoP', cnf: { jkt } });
  });

  it('A80 answers inactive and nothing else to another RS', async () => {
    expect(await introspectRpt(await mint(), { identifier: 'https://other.acme.example', baseUris: [] }, deps())).toEqual(INACTIVE);
  });

  it('A29 answers inactive to the PAT of another owner [F5]', async () => {
    const owned = { ...deps(), resources: { findAll: async () => [{ id: 'res_1', scopes: ['view'], owner: 'alice@acme.example' }] } as unknown as ResourceRegistry };
    expect(await introspectRpt(await mint(), { ...SERVER, owner: 'alice@acme.example' }, owned)).toMatchObject({ active: true });
    expect(await introspectRpt(await mint(), { ...SERVER, owner: 'anna@acme.example' }, owned)).toEqual(INACTIVE);
  });

  it('answers inactive to what the ledger does not know as active: revoked, never recorded [G67]', async () => {
    expect(await introspectRpt(await mint(), SERVER, deps(false))).toEqual(INACTIVE);
  });

  it('tells only what is registered by now, and inactive when nothing of it is left [F25]', async () => {
    const both = await mint({ permissions: [{ resourceId: 'res_1' as ResourceId, scopes: ['view', 'edit'] }] });
    expect(await introspectRpt(both, SERVER, deps(true, ['edit', 'print']))).toMatchObject({ permissions: [{ resource_id: 'res_1', resource_scopes: ['edit'] }] });
    expect(await introspectRpt(both, SERVER, deps(true, ['print']))).toEqual(INACTIVE);
    const gone = { ...deps(), resources: registry(undefined) };
    expect(await introspectRpt(both, SERVER, gone)).toEqual(INACTIVE);
  });

  it('answers inactive to tokens of other kinds, issuers and keys, without asking the ledger', async () => {
    const asked = { ...deps(), grants: { ...ledger(true), isActive: () => Promise.reject(new Error('asked')) } };
    const pat = (await mintAccessToken({ issuer: ACME, audience: API, subject: 'rs', clientId: CLIENT, scope: 'uma_protection', lifetimeSeconds: 300 }, acme)).token;
    for (const token of ['', 'x', 'a.b.c', pat, await mint({ issuer: GLOBEX }), await mint({}, await party('acme-1'))]) expect(await introspectRpt(token, SERVER, asked)).toEqual(INACTIVE);
  });

  it('fails when the ledger fails: it never says active without knowing', async () => {
    const broken = { ...deps(), grants: { ...ledger(true), isActive: () => Promise.reject(new Error('gone')) } };
    await expect(introspectRpt(await mint(), SERVER, broken)).rejects.toThrow('gone');
  });
});
