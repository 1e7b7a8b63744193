import { describe, expect, it } from '@jest/globals';
import { decodeBase64Url, encodeUtf8, parseCompactJws, type PublicJwk, type SignatureAlgorithm, type SignatureVerifier, type Signer } from '@uma-federation/uma-core';
import fc from 'fast-check';
import { fixedKeys } from '../fixed-keys.ts';
import { type PrivateJwk, publicJwk } from '../public-jwk.ts';

const KEYS: readonly (readonly [SignatureAlgorithm, PrivateJwk])[] = [
  ['ES256', fixedKeys.acme],
  ['EdDSA', fixedKeys.ed25519],
  ['PS256', fixedKeys.rsaPss],
  ['RS256', fixedKeys.rsa],
];

/** Published signatures over published keys: [what, algorithm, key, signing input, signature]. */
const KNOWN_ANSWERS: readonly (readonly [string, SignatureAlgorithm, PublicJwk, string, string])[] = [
  [
    'RFC 7515 A.3',
    'ES256',
    { kty: 'EC', crv: 'P-256', x: 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU', y: 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0' },
    'eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ',
    'DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q',
  ],
  [
    'RFC 8037 A.4',
    'EdDSA',
    { kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' },
    'eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc',
    'hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg',
  ],
];

/**
 * The guarantees of `Signer` and `SignatureVerifier`.
 * @param implementation its name in the titles
 * @param verifier the verifier under test
 * @param signerOf makes the signer under test from a private JWK
 */
export function describeSignatures(implementation: string, verifier: SignatureVerifier, signerOf: (key: PrivateJwk) => Signer | Promise<Signer>): void {
  const sign = async (key: PrivateJwk): Promise<string> => (await signerOf(key)).sign('test+jwt', { iss: 'https://as.acme.example', n: 1 });
  const verify = (algorithm: SignatureAlgorithm, key: PrivateJwk, token: string): Promise<boolean> => {
    const jws = parseCompactJws(token);
    return verifier.verify(algorithm, publicJwk(key), jws.signingInput, jws.signature);
  };

  describe(`signatures by ${implementation}`, () => {
    it.each(KEYS)('%s: what the signer signs, the verifier verifies, with alg, kid and typ in this order', async (algorithm, key) => {
      const token = await sign(key);
      expect(new TextDecoder().decode(decodeBase64Url(token.split('.')[0] ?? ''))).toBe(
        JSON.stringify({ alg: algorithm, kid: key.kid, typ: 'test+jwt' }),
      );
      expect(await verify(algorithm, key, token)).toBe(true);
    });

    it('A47 verifies no signature under an algorithm or key that it was not made with', async () => {
      const tokens = await Promise.all(KEYS.map(async ([algorithm, key]) => [algorithm, key, await sign(key)] as const));
      const pairs = tokens.flatMap(([made, , token]) => tokens.flatMap(([, key]) => KEYS.map(([algorithm]) => ({ made, key, token, algorithm }))));
      const wrong = pairs.filter(({ made, key, algorithm }) => key.alg !== made || algorithm !== made);
      const answers = await Promise.all(wrong.map(({ algorithm, key, token }) => verify(algorithm, { ...key }, token)));
      expect(answers).toHaveLength(60);
      expect(answers).not.toContain(true);
    });

    it.each(KNOWN_ANSWERS)('verifies the example of %s', async (_what, algorithm, key, signingInput, signature) => {
      const octets = decodeBase64Url(signature) ?? new Uint8Array();
      expect(await verifier.verify(algorithm, key, signingInput, octets)).toBe(true);
      expect(await verifier.verify(algorithm, key, `${signingInput}A`, octets)).toBe(false);
    });

    it.each(KEYS)('A57 %s: answers false, never an exception, for any octets as signature', async (algorithm, key) => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (signature) => {
          expect(await verifier.verify(algorithm, publicJwk(key), 'a.b', signature)).toBe(false);
        }),
        { numRuns: 100 },
      );
    });

    it.each(KEYS)('A44 %s: answers false for key material that is no key', async (algorithm, key) => {
      const signature = parseCompactJws(await sign(key)).signature;
      const broken: PublicJwk[] = [
        { ...publicJwk(key), kty: 'oct' },
        { ...publicJwk(key), use: 'enc' },
        { ...publicJwk(key), alg: 'HS256' },
        { ...publicJwk(key), x: 'AA', n: 'AA' },
        { ...publicJwk(key), y: 'A'.repeat(43), x: 'A'.repeat(43), e: 'AA' },
        { kty: key.kty },
      ];
      for (const jwk of broken) expect(await verifier.verify(algorithm, jwk, 'a.b', signature)).toBe(false);
    });

    it('signs every octet of the claims: another text does not verify', async () => {
      const jws = parseCompactJws(await sign(fixedKeys.acme));
      expect(encodeUtf8(jws.signingInput).length).toBe(jws.signingInput.length);
      expect(await verifier.verify('ES256', publicJwk(fixedKeys.acme), `${jws.signingInput} `, jws.signature)).toBe(false);
    });
  });
}
