import { describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { JoseSigner } from './jose-signatures.ts';

describe('JoseSigner', () => {
  it('is made of a private key with kid and an algorithm that fits, and of nothing else', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const jwk: JWK = { ...(await exportJWK(privateKey)), kid: 'k', alg: 'ES256' };
    const { d: _d, ...publicPart } = jwk;
    const { kid: _kid, ...anonymous } = jwk;
    const { alg: _alg, ...undetermined } = jwk;
    expect(await JoseSigner.fromJwk(jwk)).toMatchObject({ keyId: 'k', algorithm: 'ES256' });
    expect(await JoseSigner.fromJwk(undetermined, 'ES256')).toMatchObject({ algorithm: 'ES256' });
    for (const wrong of [publicPart, anonymous, undetermined, { ...jwk, alg: 'RS256' }]) {
      await expect(JoseSigner.fromJwk(wrong)).rejects.toThrow(TypeError);
    }
  });

  it('shows no private part when it is printed', async () => {
    const { privateKey } = await generateKeyPair('ES256', { extractable: true });
    const signer = await JoseSigner.fromJwk({ ...(await exportJWK(privateKey)), kid: 'k', alg: 'ES256' });
    expect(JSON.stringify(signer)).toBe('{"algorithm":"ES256","keyId":"k"}');
  });
});
