import { describe, expect, it } from '@jest/globals';
import { describeSignatures, describeTokenVectors, fixedKeys, type PrivateJwk, publicJwk } from '@uma-federation/testing';
import { JoseSignatureVerifier, JoseSigner, parseCompactJws, type SignatureVerifier, type Signer } from '@uma-federation/uma-core';
import { NodeSignatureVerifier } from './node-signature-verifier.ts';
import { NodeSigner } from './node-signer.ts';

describeSignatures('node:crypto', new NodeSignatureVerifier(), (key) => NodeSigner.fromJwk(key));
describeTokenVectors('node:crypto', new NodeSignatureVerifier());

async function verifies(signer: Signer, verifier: SignatureVerifier, key: PrivateJwk): Promise<boolean> {
  const jws = parseCompactJws(await signer.sign('test+jwt', { n: Math.PI }));
  return verifier.verify(jws.header.alg, publicJwk(key), jws.signingInput, jws.signature);
}

describe('node:crypto and jose', () => {
  it.each([fixedKeys.acme, fixedKeys.ed25519, fixedKeys.rsaPss, fixedKeys.rsa])('understand each other: $alg', async (key) => {
    expect(await verifies(NodeSigner.fromJwk(key), new JoseSignatureVerifier(), key)).toBe(true);
    expect(await verifies(await JoseSigner.fromJwk(key), new NodeSignatureVerifier(), key)).toBe(true);
  });

  it('agree on 300 ES256 signatures, short integers among them', async () => {
    const signer = NodeSigner.fromJwk(fixedKeys.acme);
    const verifier = new NodeSignatureVerifier();
    const reference = new JoseSignatureVerifier();
    const key = publicJwk(fixedKeys.acme);
    for (let n = 0; n < 300; n += 1) {
      const jws = parseCompactJws(await signer.sign('test+jwt', { n }));
      expect(jws.signature).toHaveLength(64);
      expect(await verifier.verify('ES256', key, jws.signingInput, jws.signature)).toBe(true);
      expect(await reference.verify('ES256', key, jws.signingInput, jws.signature)).toBe(true);
    }
  });
});

describe('NodeSigner', () => {
  it.each([
    ['no kid', { ...fixedKeys.acme, kid: undefined }],
    ['no alg', { ...fixedKeys.acme, alg: undefined }],
    ['a foreign alg', { ...fixedKeys.acme, alg: 'HS256' }],
    ['the alg of another key type', { ...fixedKeys.acme, alg: 'RS256' }],
    ['no private part', { ...publicJwk(fixedKeys.acme) }],
  ])('refuses a key with %s', (_what, jwk) => {
    expect(() => NodeSigner.fromJwk(JSON.parse(JSON.stringify(jwk)))).toThrow(TypeError);
  });

  it('shows no private part when it is printed', () => {
    const signer = NodeSigner.fromJwk(fixedKeys.acme);
    expect(JSON.stringify(signer)).toBe('{"algorithm":"ES256","keyId":"acme-as-ro-1"}');
  });
});

describe('NodeSignatureVerifier', () => {
  it('keeps verifying after more keys than it remembers', async () => {
    const verifier = new NodeSignatureVerifier();
    const jws = parseCompactJws(await NodeSigner.fromJwk(fixedKeys.rsa).sign('test+jwt', {}));
    const { n = '', ...rest } = publicJwk(fixedKeys.rsa);
    for (let index = 0; index < 600; index += 1) {
      const other = { ...rest, n: `${n.slice(0, -6)}${String(100_000 + index).slice(-5)}${n.slice(-1)}` };
      expect(await verifier.verify('RS256', other, jws.signingInput, jws.signature)).toBe(false);
    }
    expect(await verifier.verify('RS256', { ...rest, n }, jws.signingInput, jws.signature)).toBe(true);
  });
});
