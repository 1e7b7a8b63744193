import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, CLIENT, NOW, party, type Party, sign } from '../../test/token-support.ts';
import { readClientAssertion, verifyClientAssertion } from './client-assertion.ts';

describe('client assertion (RFC 7523 3, RFC 10070)', () => {
  let client: Party;
  beforeAll(async () => {
    client = await party('client');
  });
  const claims = { iss: CLIENT, sub: CLIENT, aud: ACME, iat: NOW, exp: NOW + 60, jti: 'a-1' };
  const verify = async (changes: object = {}, typ = 'client-authentication+jwt') =>
    verifyClientAssertion(readClientAssertion(await sign(client, typ, { ...claims, ...changes })), { issuer: ACME, keys: client.keys }, client);

  it('says whose it is before anything is verified, and until when it has to be remembered afterwards', async () => {
    expect(readClientAssertion(await sign(client, 'JWT', claims))).toMatchObject({ clientId: CLIENT, assertionId: 'a-1', audience: ACME });
    expect(await verify()).toBe(NOW + 120);
  });

  it.each<[string, object, string]>([
    ['for the token endpoint', { aud: `${ACME}/token` }, 'wrong_audience'],
    ['for the issuer and others', { aud: [ACME, `${ACME}/token`] }, 'bad_claims'],
    ['for nobody', { aud: [] }, 'bad_claims'],
    ['by one client about another', { sub: 'other' }, 'wrong_issuer'],
    ['that lives too long', { exp: NOW + 301 }, 'lifetime_too_long'],
    ['that was made too long ago to live so long', { iat: NOW - 301, exp: NOW }, 'lifetime_too_long'],
    ['that begins later', { nbf: NOW + 61, exp: NOW + 90 }, 'not_yet_valid'],
    ['that has expired', { iat: NOW - 120, exp: NOW - 60 }, 'expired'],
  ])('is not one %s [A70]', async (_what, changes, reason) => {
    await expect(verify(changes)).rejects.toMatchObject({ reason });
  });

  it('bounds the expiry also without iat', async () => {
    const without = { ...claims, iat: undefined };
    const read = async (exp: number) => verifyClientAssertion(readClientAssertion(await sign(client, 'JWT', JSON.parse(JSON.stringify({ ...without, exp })) as typeof claims)), { issuer: ACME, keys: client.keys }, client);
    expect(await read(NOW + 300)).toBe(NOW + 360);
    await expect(read(NOW + 361)).rejects.toMatchObject({ reason: 'not_yet_valid' });
  });
});
