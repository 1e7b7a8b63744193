import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, API, CLIENT, NOW, party, type Party, readToken, sign } from '../../test/token-support.ts';
import type { ConsentId } from '../model/ids.ts';
import { type AccessTokenInput, mintAccessToken, verifyAccessToken } from './protection-api-token.ts';

const INPUT: AccessTokenInput = { issuer: ACME, audience: ACME, subject: CLIENT, clientId: CLIENT, scope: 'uma_protection', lifetimeSeconds: 3600 };

describe('a protection API token', () => {
  let server: Party;
  beforeAll(async () => {
    server = await party('acme-1');
  });
  const mint = (more: Partial<AccessTokenInput> = {}) => mintAccessToken({ ...INPUT, ...more }, server);
  const verify = (token: string, by = server) => verifyAccessToken(token, { issuer: ACME, audience: ACME, keys: server.keys }, by);
  const forge = async (more: object) => sign(server, 'at+jwt', { ...readToken((await mint()).token).claims, ...more } as never);

  it('comes back with its client and scopes', async () => {
    const { token, tokenId, expiresAt } = await mint({ scope: 'uma_protection other', confirmationThumbprint: 'A'.repeat(43) });
    expect(await verify(token)).toEqual({
      tokenId,
      subject: CLIENT,
      clientId: CLIENT,
      scopes: ['uma_protection', 'other'],
      issuedAt: NOW,
      expiresAt,
      confirmationThumbprint: 'A'.repeat(43),
    });
  });

  it('of a person names the consent that it rests on [F5]', async () => {
    const { token } = await mint({ subject: 'alice@acme.example', consent: 'cns_1' as ConsentId });
    expect(await verify(token)).toMatchObject({ subject: 'alice@acme.example', clientId: CLIENT, consent: 'cns_1' });
    await expect(verify(await forge({ consent: '' }))).rejects.toMatchObject({ reason: 'bad_claims' });
  });

  it('A28 leaves it to the caller which scope is needed: it tells the scopes there are', async () => {
    expect((await verify((await mint({ scope: 'profile' })).token)).scopes).toEqual(['profile']);
  });

  it.each([
    ['A50 with permissions', { permissions: [] }, 'bad_claims'],
    ['A56 with an array as audience', { aud: [ACME] }, 'bad_claims'],
    ['A56 for the resource server', { aud: API }, 'wrong_audience'],
    ['A54 with scopes in an array', { scope: ['uma_protection'] }, 'bad_claims'],
    ['A54 without scope', { scope: '' }, 'bad_claims'],
    ['A54 with two spaces between scopes', { scope: 'a  b' }, 'bad_claims'],
    ['A51 with an actor', { act: { sub: 'x' } }, 'bad_claims'],
    ['A55 that lives too long', { exp: NOW + 3601 }, 'lifetime_too_long'],
    ['A30 of another issuer', { iss: 'https://as.evil.example' }, 'wrong_issuer'],
  ])('%s is refused', async (_what, more, reason) => {
    await expect(verify(await forge(more))).rejects.toMatchObject({ reason, faultClass: 'integrity' });
  });

  it('A55 ends at exp + 60 and lives an hour at most', async () => {
    const { token } = await mint();
    await expect(verify(token, server.at(NOW + 3659))).resolves.toMatchObject({ clientId: CLIENT });
    await expect(verify(token, server.at(NOW + 3660))).rejects.toMatchObject({ reason: 'expired', faultClass: 'curable' });
    await expect(mint({ lifetimeSeconds: 3601 })).rejects.toThrow(RangeError);
  });
});
