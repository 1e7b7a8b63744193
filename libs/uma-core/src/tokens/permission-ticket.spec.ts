import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, CLIENT, CONTEXT, GLOBEX, NOW, party, type Party, readToken, sign } from '../../test/token-support.ts';
import type { TokenId } from '../model/ids.ts';
import { mintPermissionTicket, type TicketContext, verifyPermissionTicket } from './permission-ticket.ts';

const PROCESS = {
  clientId: CLIENT,
  thumbprint: 'A'.repeat(43),
  rounds: 2,
  deadline: NOW + 3600,
  identity: {
    issuer: GLOBEX,
    tokenId: 'jti-1' as TokenId,
    email: 'bob@globex.example',
    clientId: CLIENT,
    acr: 'gold',
    amr: ['pwd', 'otp'],
    authTime: NOW - 5,
    confirmationThumbprint: 'A'.repeat(43),
    expiresAt: NOW + 60,
    claims: { department: 'research', nested: { a: [1, null] } },
  },
};

describe('a permission ticket', () => {
  let server: Party;
  beforeAll(async () => {
    server = await party('acme-1');
  });
  const mint = (context: TicketContext = CONTEXT, nonce?: string) => mintPermissionTicket({ issuer: ACME, nonce, context, lifetimeSeconds: 300 }, server);
  const verify = (token: string, by: Party = server) => verifyPermissionTicket(token, { issuer: ACME, keys: by.keys }, by);

  it('comes back with its context', async () => {
    const { token, tokenId, nonce, expiresAt } = await mint();
    expect(expiresAt).toBe(NOW + 300);
    expect(nonce).toMatch(/^[A-Za-z0-9_-]{43}$/);
    expect(await verify(token)).toEqual({ issuer: ACME, tokenId, text: token, nonce, issuedAt: NOW, expiresAt, context: CONTEXT });
  });

  it('comes back with everything its process remembers [C12]', async () => {
    const context = { ...CONTEXT, process: PROCESS };
    expect((await verify((await mint(context)).token)).context).toEqual(context);
  });

  it('says nothing about permissions, owner or resource to anybody else [UMA Grant 1.3]', async () => {
    const { header, claims } = readToken((await mint()).token);
    expect(header).toEqual({ alg: 'ES256', kid: 'acme-1', typ: 'uma-ticket+jwt' });
    expect(Object.keys(claims).sort()).toEqual(['aud', 'ctx', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub']);
    const text = Buffer.from(String(claims['ctx'])).toString('latin1') + JSON.stringify(claims);
    for (const secret of ['alice', 'res_1', 'notes']) expect(text).not.toContain(secret);
  });

  it('keeps its nonce and changes its jti when it is rotated [D1]', async () => {
    const first = await mint();
    const second = await mint({ ...CONTEXT, process: PROCESS }, first.nonce);
    expect(second.nonce).toBe(first.nonce);
    expect(second.tokenId).not.toBe(first.tokenId);
    expect((await verify(second.token)).nonce).toBe(first.nonce);
  });

  it('A17 A50 of another server, key or kind is refused', async () => {
    const other = await party('acme-1');
    await expect(verify((await mint()).token, { ...server, keys: other.keys })).rejects.toMatchObject({ reason: 'bad_signature' });
    await expect(verifyPermissionTicket((await mint()).token, { issuer: GLOBEX, keys: server.keys }, server)).rejects.toMatchObject({
      reason: 'wrong_issuer',
    });
    const { claims } = readToken((await mint()).token);
    await expect(verify(await sign(server, 'uma-resource-claims+jwt', claims as never))).rejects.toMatchObject({ reason: 'wrong_typ' });
  });

  it('A55 is expired from exp + 60 on, which a fresh one cures', async () => {
    const { token } = await mint();
    await expect(verify(token, server.at(NOW + 359))).resolves.toMatchObject({ issuedAt: NOW });
    await expect(verify(token, server.at(NOW + 360))).rejects.toMatchObject({ reason: 'expired', faultClass: 'curable' });
  });

  it('lives at most five minutes, or a day within a process that polls', async () => {
    const withLifetime = (lifetimeSeconds: number, context: TicketContext) => mintPermissionTicket({ issuer: ACME, context, lifetimeSeconds }, server);
    for (const lifetimeSeconds of [0, -1, 1.5, 301, Number.NaN]) await expect(withLifetime(lifetimeSeconds, CONTEXT)).rejects.toThrow(RangeError);
    const polling = await withLifetime(86_400, { ...CONTEXT, process: PROCESS });
    expect((await verify(polling.token)).expiresAt).toBe(NOW + 86_400);
    await expect(withLifetime(86_401, { ...CONTEXT, process: PROCESS })).rejects.toThrow(RangeError);
  });

  it('is not made when nobody would look at it, because of its size [A54]', async () => {
    const identity = { ...PROCESS.identity, claims: { biography: 'x'.repeat(6000) } };
    await expect(mint({ ...CONTEXT, process: { ...PROCESS, identity } })).rejects.toMatchObject({ reason: 'too_large' });
  });
});
