import { describe, expect, it } from '@jest/globals';
import { fixedKeys } from '@uma-federation/testing';
import { jwkThumbprint, parseCompactJws, type PublicJwk } from '@uma-federation/uma-core';
import { generateSigningJwk } from './generate-signing-jwk.ts';
import { loadKeyRing } from './key-ring.ts';
import { NodeSignatureVerifier } from './node-signature-verifier.ts';

describe('a key ring', () => {
  it('signs with the first key and still verifies what the previous one signed', async () => {
    const before = loadKeyRing([fixedKeys.acmePrevious]);
    const after = loadKeyRing([fixedKeys.acme, fixedKeys.acmePrevious]);
    const verifier = new NodeSignatureVerifier();
    for (const signer of [before.signer, after.signer]) {
      const jws = parseCompactJws(await signer.sign('test+jwt', {}));
      const key = await after.verificationKeys.find(jws.header.kid, jws.header.alg);
      expect(key?.kid).toBe(signer.keyId);
      expect(await verifier.verify('ES256', key as PublicJwk, jws.signingInput, jws.signature)).toBe(true);
    }
    expect(after.signer.keyId).toBe(fixedKeys.acme.kid);
  });

  it('publishes named public members only', () => {
    const { keys } = loadKeyRing([fixedKeys.acme, { ...fixedKeys.rsa, oth: 'x' }]).jwks();
    expect(keys.map((key) => Object.keys(key).sort())).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
      ['alg', 'e', 'kid', 'kty', 'n', 'use'],
    ]);
  });

  it('A47 A49 finds a key for its own algorithm and its own id only', async () => {
    const { verificationKeys } = loadKeyRing([fixedKeys.acme]);
    expect(await verificationKeys.find(fixedKeys.acme.kid, 'RS256')).toBeUndefined();
    expect(await verificationKeys.find('__proto__', 'ES256')).toBeUndefined();
    expect(await verificationKeys.find('constructor', 'ES256')).toBeUndefined();
  });

  it('is not made of nothing, of twins or of public keys', () => {
    const { d: _d, ...publicPart } = fixedKeys.acmePrevious;
    expect(() => loadKeyRing([])).toThrow(TypeError);
    expect(() => loadKeyRing([fixedKeys.acme, { ...fixedKeys.evil, kid: fixedKeys.acme.kid }])).toThrow(TypeError);
    expect(() => loadKeyRing([fixedKeys.acme, publicPart])).toThrow(TypeError);
  });
});

describe('a generated signing key', () => {
  it('is a private ES256 key whose kid is its thumbprint [RFC 7638]', async () => {
    const jwk = await generateSigningJwk();
    expect(jwk).toMatchObject({ kty: 'EC', crv: 'P-256', alg: 'ES256', use: 'sig', kid: await jwkThumbprint(jwk as unknown as PublicJwk) });
    expect(loadKeyRing([jwk]).signer.keyId).toBe(jwk['kid']);
  });
});
