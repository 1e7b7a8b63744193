import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, API, CLIENT, CONTEXT, NOW, party, type Party, readToken, sign } from '../../test/token-support.ts';
import { mintRequestingPartyToken, type RequestingPartyTokenInput, verifyRequestingPartyToken } from './requesting-party-token.ts';

const INPUT: RequestingPartyTokenInput = {
  issuer: ACME,
  audience: API,
  subject: 'bob@globex.example',
  clientId: CLIENT,
  permissions: CONTEXT.permissions,
  lifetimeSeconds: 600,
};

describe('a requesting party token', () => {
  let server: Party;
  beforeAll(async () => {
    server = await party('acme-1');
  });
  const mint = (more: Partial<RequestingPartyTokenInput> = {}) => mintRequestingPartyToken({ ...INPUT, ...more }, server);
  const verify = (token: string, by = server) => verifyRequestingPartyToken(token, { issuer: ACME, audience: API, keys: server.keys }, by);

  it('comes back with permissions, key and claims of its person', async () => {
    const details = { acr: 'gold', authTime: NOW - 10, confirmationThumbprint: 'A'.repeat(43), claims: { department: 'research' } };
    const { token, tokenId, expiresAt } = await mint(details);
    expect(await verify(token)).toEqual({
      issuer: ACME,
      tokenId,
      subject: 'bob@globex.example',
      clientId: CLIENT,
      audience: API,
      permissions: CONTEXT.permissions,
      issuedAt: NOW,
      expiresAt,
      ...details,
    });
  });

  it('is an RFC 9068 access token with permissions and without scope [seed 003 step 7]', async () => {
    const { header, claims } = readToken((await mint()).token);
    expect(header['typ']).toBe('at+jwt');
    expect(claims['permissions']).toEqual([{ resource_id: 'res_1', resource_scopes: ['view'] }]);
    expect(Object.keys(claims).sort()).toEqual(['aud', 'client_id', 'exp', 'iat', 'iss', 'jti', 'permissions', 'sub']);
  });

  it('may repeat its permissions in the words of another dialect, which nothing here reads (A27)', async () => {
    const authorization = { permissions: [{ rsid: 'res_9', scopes: ['everything'] }] };
    const { token } = await mint({ authorization });
    expect(readToken(token).claims['authorization']).toEqual(authorization);
    const verified = await verify(token);
    expect(verified.permissions).toEqual(CONTEXT.permissions);
    expect(Object.keys(verified)).not.toContain('authorization');
  });

  it('holds a permission only within the permission\'s own times', async () => {
    const { claims } = readToken((await mint()).token);
    const permissions = [
      { resource_id: 'res_1', resource_scopes: ['view'], exp: NOW - 60 },
      { resource_id: 'res_2', resource_scopes: ['view'], exp: NOW - 59 },
      { resource_id: 'res_3', resource_scopes: ['view'], nbf: NOW + 60 },
      { resource_id: 'res_4', resource_scopes: ['view'], nbf: NOW + 61 },
    ];
    const token = await sign(server, 'at+jwt', { ...claims, permissions });
    expect((await verify(token)).permissions.map(({ resourceId }) => resourceId)).toEqual(['res_2', 'res_3']);
  });

  it('A55 lives ten minutes at most', async () => {
    await expect(mint({ lifetimeSeconds: 601 })).rejects.toThrow(RangeError);
    const { token } = await mint();
    await expect(verify(token, server.at(NOW + 659))).resolves.toMatchObject({ expiresAt: NOW + 600 });
    await expect(verify(token, server.at(NOW + 660))).rejects.toMatchObject({ reason: 'expired' });
  });

  it('A25 keeps the claims of its person apart from its own', async () => {
    const { token } = await mint({ claims: { sub: 'mallory@evil.example', permissions: [] } });
    expect(await verify(token)).toMatchObject({ subject: 'bob@globex.example', permissions: CONTEXT.permissions });
  });
});
