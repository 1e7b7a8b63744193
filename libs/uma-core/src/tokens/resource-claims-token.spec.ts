import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, API, NOW, party, type Party, readToken } from '../../test/token-support.ts';
import { DiscoveryFailure } from '../errors/discovery-failure.ts';
import { mintResourceClaimsToken, readResourceClaimsIssuer, verifyResourceClaimsToken } from './resource-claims-token.ts';

const NONCE = 'uGZ1bVYq3sZ8b1m0oJcT5w';
const HASH = '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g_oiWV30s-gH9OU';
const RULES = { allowLoopback: false };

describe('a resource claims token', () => {
  let server: Party;
  beforeAll(async () => {
    server = await party('acme-1');
  });
  const mint = (expiresAt = NOW + 300, issuer = ACME) => mintResourceClaimsToken({ issuer, resourceUri: `${API}/notes/1`, nonce: NONCE, expiresAt }, server);

  it('says who decides over which resource, and the hash of the ticket [A13, seed 003 step 2]', async () => {
    const { token, tokenId, expiresAt } = await mint();
    expect(readResourceClaimsIssuer(token).issuer).toBe(ACME);
    expect(await verifyResourceClaimsToken(token, { keysOf: () => server.keys, issuerRules: RULES }, server)).toEqual({
      issuer: ACME,
      resourceUri: `${API}/notes/1`,
      ticketHash: HASH,
      tokenId,
      expiresAt,
    });
  });

  it('has exactly the claims of seed 003 and iat and jti', async () => {
    const { header, claims } = readToken((await mint()).token);
    expect(header['typ']).toBe('uma-resource-claims+jwt');
    expect(Object.keys(claims).sort()).toEqual(['aud', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub']);
  });

  it('never outlives the ticket, nor five minutes', async () => {
    expect((await mint(NOW + 10)).expiresAt).toBe(NOW + 10);
    expect((await mint(NOW + 86_400)).expiresAt).toBe(NOW + 300);
    await expect(mint(NOW)).rejects.toMatchObject({ reason: 'expired' });
  });

  it('A11 tells its issuer before any key is looked for, and asks for no key of an unacceptable issuer', async () => {
    const asked: string[] = [];
    const keysOf = (issuer: string) => {
      asked.push(issuer);
      return server.keys;
    };
    const local = (await mint(NOW + 300, 'http://127.0.0.1:4110' as typeof ACME)).token;
    expect(readResourceClaimsIssuer(local).issuer).toBe('http://127.0.0.1:4110');
    await expect(verifyResourceClaimsToken(local, { keysOf, issuerRules: RULES }, server)).rejects.toMatchObject({ reason: 'wrong_issuer' });
    expect(asked).toEqual([]);
    await verifyResourceClaimsToken(local, { keysOf, issuerRules: { allowLoopback: true } }, server);
    expect(asked).toEqual(['http://127.0.0.1:4110']);
  });

  it('passes a discovery failure on untouched', async () => {
    const failure = new DiscoveryFailure('jwks_timeout');
    const keysOf = () => ({ find: () => Promise.reject(failure) });
    await expect(verifyResourceClaimsToken((await mint()).token, { keysOf, issuerRules: RULES }, server)).rejects.toBe(failure);
  });

  it('A10 signed by somebody else is refused, and under a key id that its issuer does not have', async () => {
    const forger = await party('acme-1');
    const other = await party('other');
    const verify = (keys: Party['keys']) => mint().then(({ token }) => verifyResourceClaimsToken(token, { keysOf: () => keys, issuerRules: RULES }, server));
    await expect(verify(forger.keys)).rejects.toMatchObject({ reason: 'bad_signature', faultClass: 'integrity' });
    await expect(verify(other.keys)).rejects.toMatchObject({ reason: 'unknown_key', faultClass: 'curable' });
  });
});
