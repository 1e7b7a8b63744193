import { beforeAll, describe, expect, it } from '@jest/globals';
import { ACME, CLIENT, GLOBEX, NOW, party, type Party, readToken, sign } from '../../test/token-support.ts';
import { DiscoveryFailure } from '../errors/discovery-failure.ts';
import { type IdentityClaimsInput, mintIdentityClaimsToken, readIdentityClaimsSubject, verifyIdentityClaimsToken } from './identity-claims-token.ts';

const HASH = '2X7Rwvq8XRq9z4Eh2q56V4T5mNo0g_oiWV30s-gH9OU';
const INPUT: IdentityClaimsInput = {
  issuer: GLOBEX,
  audience: ACME,
  email: 'bob@globex.example',
  clientId: CLIENT,
  actor: { ticketHash: HASH, issuer: ACME },
  expiresAt: NOW + 300,
};

describe('an identity claims token', () => {
  let issuer: Party;
  beforeAll(async () => {
    issuer = await party('globex-1');
  });
  const mint = (more: Partial<IdentityClaimsInput> = {}) => mintIdentityClaimsToken({ ...INPUT, ...more }, issuer);
  const verify = (token: string, more: object = {}) =>
    verifyIdentityClaimsToken(token, { issuer: GLOBEX, audience: ACME, ticketHash: HASH, keys: issuer.keys, ...more }, issuer);

  it('comes back as the claims that its domain vouches for', async () => {
    const details = { acr: 'gold', amr: ['pwd', 'otp'], authTime: NOW - 10, confirmationThumbprint: 'A'.repeat(43) };
    const { token, tokenId } = await mint({ ...details, claims: { department: 'research' } });
    expect(readIdentityClaimsSubject(token)).toMatchObject({ issuer: GLOBEX, subject: 'bob@globex.example', email: { domain: 'globex.example' } });
    expect(await verify(token)).toEqual({
      issuer: GLOBEX,
      tokenId,
      email: 'bob@globex.example',
      clientId: CLIENT,
      ...details,
      expiresAt: NOW + 120,
      claims: { department: 'research' },
    });
  });

  it('names exactly the issuer of the resource claims token as audience [T15]', async () => {
    expect(readToken((await mint()).token).claims['aud']).toBe(ACME);
  });

  it('ends with the first thing it rests on, and after 120 s at the latest [T16]', async () => {
    expect((await mint({ expiresAt: NOW + 7 })).expiresAt).toBe(NOW + 7);
    expect((await mint({ expiresAt: NOW + 9999 })).expiresAt).toBe(NOW + 120);
    await expect(mint({ expiresAt: NOW })).rejects.toMatchObject({ reason: 'expired' });
  });

  it('contains the minimal claims and nothing else unless told to [T17]', async () => {
    expect(Object.keys(readToken((await mint()).token).claims).sort()).toEqual(
      ['act', 'aud', 'client_id', 'email', 'email_verified', 'exp', 'iat', 'iss', 'jti', 'nbf', 'sub'].sort(),
    );
  });

  it('A25 lets no further claim stand in for one of the profile, neither when minted nor when verified', async () => {
    const claims = { iss: 'https://as.evil.example', act: { sub: 'x' }, client_id: 'other', email_verified: false, ticket_challenge: 'x', exp: 1, time: 0 };
    const { token } = await mint({ claims });
    expect(await verify(token)).toMatchObject({ issuer: GLOBEX, clientId: CLIENT, claims: { time: 0 } });
    expect((await verify(token)).claims).toEqual({ time: 0 });
  });

  it('A30 of an issuer that discovery did not name is refused before a key is looked for', async () => {
    const keys = { find: () => Promise.reject(new Error('no key may be looked for')) };
    await expect(verify((await mint()).token, { issuer: 'https://as.other.example', keys })).rejects.toMatchObject({ reason: 'wrong_issuer' });
  });

  it('A32 A34 about no e-mail address is refused before discovery could begin', async () => {
    for (const email of ['bob', 'bob@globex.example@evil.example', 'bob@localhost', 'bob@globex.example\r\n']) {
      const { token } = await mint({ email });
      expect(() => readIdentityClaimsSubject(token)).toThrow('bad_email');
    }
  });

  it('A35 of an unverified address is curable, but only when nothing worse is wrong', async () => {
    const { claims } = readToken((await mint()).token);
    const unverified = await sign(issuer, 'uma-identity-claims+jwt', { ...claims, email_verified: false });
    await expect(verify(unverified)).rejects.toMatchObject({ reason: 'email_unverified', faultClass: 'curable' });
    await expect(verify(unverified, { ticketHash: 'B'.repeat(43) })).rejects.toMatchObject({ reason: 'binding_mismatch', faultClass: 'integrity' });
  });

  it('A52 takes the outermost actor only', async () => {
    const { claims } = readToken((await mint()).token);
    const nested = await sign(issuer, 'uma-identity-claims+jwt', { ...claims, act: { sub: 'B'.repeat(43), act: { sub: HASH } } });
    await expect(verify(nested)).rejects.toMatchObject({ reason: 'binding_mismatch' });
  });

  it('A12 with an actor audience that nobody told us how to check is refused [D7]', async () => {
    const { token } = await mint({ actor: { ticketHash: HASH, issuer: ACME, audience: 'mailto:alice@acme.example' } });
    await expect(verify(token)).rejects.toMatchObject({ reason: 'wrong_actor_audience' });
    await expect(verify(token, { ownerUris: ['mailto:alice@acme.example'] })).resolves.toMatchObject({ email: 'bob@globex.example' });
  });

  it('is bound to its ticket in exactly one way [C5]', async () => {
    await expect(mint({ challenge: { ticketChallenge: HASH } })).rejects.toThrow(RangeError);
    await expect(mint({ actor: undefined })).rejects.toThrow(RangeError);
    const { claims } = readToken((await mint({ actor: undefined, challenge: { ticketChallenge: HASH, resource: 'RS API' } })).token);
    expect(claims).toMatchObject({ ticket_challenge: HASH, resource: 'RS API' });
    expect(claims).not.toHaveProperty('act');
  });

  it('passes a discovery failure on untouched', async () => {
    const failure = new DiscoveryFailure('jwks_timeout');
    await expect(verify((await mint()).token, { keys: { find: () => Promise.reject(failure) } })).rejects.toBe(failure);
  });

  it('says of unacceptable claims where they are, never what they are', async () => {
    const token = await sign(issuer, 'uma-identity-claims+jwt', { sub: 'bob@globex.example', iss: 7, auth_time: 'secret' });
    const fault = await verify(token).catch((error: unknown) => error as Error);
    expect((fault as Error).message).toBe('bad_claims');
    expect(String((fault as Error).cause)).toContain('iss: invalid_type');
    expect(String((fault as Error).cause)).not.toMatch(/secret|bob/);
  });
});
