import { beforeAll, describe, expect, it } from '@jest/globals';
import { CLIENT, GLOBEX, NOW, party, type Party, PROVIDER, sign } from '../../test/token-support.ts';
import { verifySubjectAccessToken, verifySubjectIdToken } from './subject-token.ts';

const COMMON = { iss: PROVIDER, sub: 'u-1', iat: NOW, exp: NOW + 3600, email: 'bob@globex.example', email_verified: true };
const ACCESS = { ...COMMON, aud: GLOBEX, client_id: CLIENT, jti: 'at-1', scope: 'openid', groups: ['x'] };
const ID = { ...COMMON, aud: CLIENT, nonce: 'n' };

describe('tokens of an identity provider', () => {
  let provider: Party;
  beforeAll(async () => {
    provider = await party('idp-1');
  });
  const access = async (claims: object, typ = 'at+jwt', by = provider) =>
    verifySubjectAccessToken(await sign(by, typ, claims as never), { issuer: PROVIDER, audience: GLOBEX, keys: provider.keys }, provider);
  const id = async (claims: object, typ = 'JWT') =>
    verifySubjectIdToken(await sign(provider, typ, claims as never), { issuer: PROVIDER, clientId: CLIENT, keys: provider.keys }, provider);

  it('say who the person is, at which client, and how they signed in', async () => {
    const details = { acr: 'gold', amr: ['pwd'], auth_time: NOW - 5, cnf: { jkt: 'A'.repeat(43) }, may_act: { sub: 'x' }, act: { sub: 'y' } };
    expect(await access({ ...ACCESS, ...details })).toEqual({
      issuer: PROVIDER,
      subject: 'u-1',
      email: 'bob@globex.example',
      emailVerified: true,
      clientId: CLIENT,
      acr: 'gold',
      amr: ['pwd'],
      authTime: NOW - 5,
      confirmationThumbprint: 'A'.repeat(43),
      expiresAt: NOW + 3600,
      tokenId: 'at-1',
      mayAct: { sub: 'x' },
      act: { sub: 'y' },
    });
    expect(await id(ID)).toMatchObject({ subject: 'u-1', clientId: CLIENT, emailVerified: true, tokenId: undefined });
  });

  it('A35 tell an address as verified only when the claim is true', async () => {
    expect((await access({ ...ACCESS, email_verified: false })).emailVerified).toBe(false);
    expect((await id({ ...ID, email_verified: undefined })).emailVerified).toBe(false);
    await expect(access({ ...ACCESS, email_verified: 'true' })).rejects.toMatchObject({ reason: 'bad_claims' });
  });

  it('A56 may have several audiences in an access token, us among them', async () => {
    await expect(access({ ...ACCESS, aud: [PROVIDER, GLOBEX] })).resolves.toMatchObject({ subject: 'u-1' });
    await expect(access({ ...ACCESS, aud: [PROVIDER] })).rejects.toMatchObject({ reason: 'wrong_audience' });
    await expect(access({ ...ACCESS, aud: `${GLOBEX}/` })).rejects.toMatchObject({ reason: 'wrong_audience' });
  });

  it('A56 have the client as the only audience in an ID token', async () => {
    await expect(id({ ...ID, aud: [CLIENT] })).resolves.toMatchObject({ subject: 'u-1' });
    await expect(id({ ...ID, aud: [CLIENT, 'other'] })).rejects.toMatchObject({ reason: 'bad_claims' });
    await expect(id({ ...ID, aud: 'other' })).rejects.toMatchObject({ reason: 'wrong_audience' });
    await expect(id({ ...ID, azp: 'other' })).rejects.toMatchObject({ reason: 'wrong_audience' });
    await expect(id({ ...ID, azp: CLIENT })).resolves.toMatchObject({ clientId: CLIENT });
  });

  it('A50 T6 are not taken for each other, nor of another issuer or key', async () => {
    await expect(access(ACCESS, 'JWT')).rejects.toMatchObject({ reason: 'wrong_typ' });
    await expect(id(ID, 'at+jwt')).rejects.toMatchObject({ reason: 'wrong_typ' });
    await expect(access({ ...ACCESS, iss: 'https://id.evil.example' })).rejects.toMatchObject({ reason: 'wrong_issuer' });
    await expect(access(ACCESS, 'at+jwt', await party('idp-1'))).rejects.toMatchObject({ reason: 'bad_signature' });
    await expect(access(ACCESS, 'at+jwt', await party('idp-2'))).rejects.toMatchObject({ reason: 'unknown_key', faultClass: 'curable' });
  });

  it.each([
    ['without sub', { sub: undefined }],
    ['without exp', { exp: undefined }],
    ['without client_id', { client_id: undefined }],
    ['without jti', { jti: undefined }],
    ['with another confirmation method', { cnf: { jwk: {} } }],
    ['with an actor in a string', { act: 'x' }],
    ['with three actors, which could not be chained below another', { act: { act: { act: {} } } }],
    ['with may_act in a string', { may_act: 'x' }],
  ])('A51 A54 A55 are refused %s', async (_what, more) => {
    await expect(access({ ...ACCESS, ...more })).rejects.toMatchObject({ reason: 'bad_claims' });
  });

  it('A55 live a day at most', async () => {
    await expect(access({ ...ACCESS, exp: NOW + 86_400 })).resolves.toMatchObject({ expiresAt: NOW + 86_400 });
    await expect(id({ ...ID, exp: NOW + 86_401 })).rejects.toMatchObject({ reason: 'lifetime_too_long' });
    await expect(id({ ...ID, iat: NOW - 3661, exp: NOW - 61 })).rejects.toMatchObject({ reason: 'expired', faultClass: 'curable' });
  });
});
