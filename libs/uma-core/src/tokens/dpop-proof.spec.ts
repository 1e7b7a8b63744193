import { beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair } from 'jose';
import { API, NOW, party, type Party, readToken } from '../../test/token-support.ts';
import { type DpopKey, generateDpopKey, importDpopKey } from './dpop-key.ts';
import { mintDpopProof, verifyDpopProof } from './dpop-proof.ts';

const URL_1 = `${API}/notes/1`;

describe('a DPoP proof', () => {
  let server: Party;
  let key: DpopKey;
  beforeAll(async () => {
    server = await party('unused');
    key = await generateDpopKey();
  });
  const mint = (request: Parameters<typeof mintDpopProof>[0]) => mintDpopProof(request, { key, clock: server.clock, randomness: server.randomness });

  it('proves the key for one method, URL and access token', async () => {
    const proof = await mint({ method: 'GET', url: `${URL_1}?page=2#top`, accessToken: 'token' });
    expect(readToken(proof)).toMatchObject({ header: { alg: 'ES256', typ: 'dpop+jwt', jwk: key.publicJwk }, claims: { htm: 'GET', htu: URL_1, iat: NOW } });
    const { thumbprint, proofId, issuedAt, expiresAt } = await verifyDpopProof(proof, { method: 'GET', url: URL_1, accessToken: 'token' }, server);
    expect({ thumbprint, issuedAt, expiresAt }).toEqual({ thumbprint: key.thumbprint, issuedAt: NOW, expiresAt: NOW + 120 });
    expect(proofId).toBe(readToken(proof).claims['jti']);
  });

  it('has a fresh jti each time and carries the nonce that the server gave', async () => {
    const claims = await Promise.all([1, 2].map(async () => readToken(await mint({ method: 'POST', url: URL_1, nonce: 'n-1' })).claims));
    expect(claims[0]?.['jti']).not.toBe(claims[1]?.['jti']);
    expect(claims[0]).toMatchObject({ nonce: 'n-1' });
    expect(claims[0]).not.toHaveProperty('ath');
  });

  it('holds for every spelling of the same URL: escapes of unreserved characters, their case, query and fragment', async () => {
    const proof = await mint({ method: 'GET', url: `${API}/%6eotes/a%2fb?page=2` });
    await expect(verifyDpopProof(proof, { method: 'GET', url: `${API}/notes/a%2Fb` }, server)).resolves.toHaveProperty('thumbprint');
    await expect(verifyDpopProof(proof, { method: 'GET', url: `${API}/notes/a/b` }, server)).rejects.toMatchObject({ reason: 'wrong_url' });
  });

  it('is refused for another method, URL or access token', async () => {
    const proof = await mint({ method: 'GET', url: URL_1, accessToken: 'token' });
    const verify = (more: object) => verifyDpopProof(proof, { method: 'GET', url: URL_1, accessToken: 'token', ...more }, server);
    await expect(verify({ method: 'POST' })).rejects.toMatchObject({ reason: 'wrong_method' });
    await expect(verify({ url: `${API}/notes/2` })).rejects.toMatchObject({ reason: 'wrong_url' });
    await expect(verify({ accessToken: 'other' })).rejects.toMatchObject({ reason: 'wrong_access_token' });
  });

  it('A55 is good for 60 s and the skew, and can be forgotten when expiresAt has come', async () => {
    const proof = await mint({ method: 'GET', url: URL_1 });
    const verifyAt = (now: number) => verifyDpopProof(proof, { method: 'GET', url: URL_1 }, server.at(now));
    const { expiresAt } = await verifyAt(NOW);
    await expect(verifyAt(expiresAt - 1)).resolves.toMatchObject({ issuedAt: NOW });
    await expect(verifyAt(expiresAt)).rejects.toMatchObject({ reason: 'expired' });
    await expect(verifyAt(NOW - 61)).rejects.toMatchObject({ reason: 'not_yet_valid' });
  });

  it('of RFC 9449 4 is verified', async () => {
    const proof =
      'eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0VjNoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19.eyJqdGkiOiItQndDM0VTYzZhY2MybFRjIiwiaHRtIjoiUE9TVCIsImh0dSI6Imh0dHBzOi8vc2VydmVyLmV4YW1wbGUuY29tL3Rva2VuIiwiaWF0IjoxNTYyMjYyNjE2fQ.2-GxA6T8lP4vfrg8v-FdWP0A0zdrj8igiMLvqRMUvwnQg4PtFLbdLXiOSsX0x7NVY-FNyJK70nfbV37xRZT3Lg';
    const request = { method: 'POST', url: 'https://server.example.com/token' };
    expect(await verifyDpopProof(proof, request, server.at(1_562_262_620))).toMatchObject({
      thumbprint: '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I',
      proofId: '-BwC3ESc6acc2lTc',
    });
  });

  it('can be made with a key that was kept as a JWK', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const kept = await importDpopKey(await exportJWK(privateKey));
    const proof = await mintDpopProof({ method: 'GET', url: URL_1 }, { key: kept, clock: server.clock, randomness: server.randomness });
    expect((await verifyDpopProof(proof, { method: 'GET', url: URL_1 }, server)).thumbprint).toBe(kept.thumbprint);
    expect(JSON.stringify(kept.publicJwk)).not.toContain('"d"');
  });
});
