import { CompactSign, type CryptoKey, importJWK, type JWK } from 'jose';
import type { JsonObject } from '../model/json.ts';
import type { PublicJwk, SignatureAlgorithm, SignatureVerifier, Signer } from '../ports/signatures.ts';
import { encodeUtf8 } from './base64url.ts';
import { isEcdsaSignature, keyFitsAlgorithm } from './key-fits-algorithm.ts';

const WEB_CRYPTO_ALGORITHMS = {
  ES256: { name: 'ECDSA', hash: 'SHA-256' },
  EdDSA: { name: 'Ed25519' },
  PS256: { name: 'RSA-PSS', saltLength: 32 },
  RS256: { name: 'RSASSA-PKCS1-v1_5' },
} as const;

/** Signs through jose (WebCrypto): runs wherever jose does, with all algorithms. */
export class JoseSigner implements Signer {
  readonly algorithm: SignatureAlgorithm;
  readonly keyId: string;
  readonly #key: CryptoKey;

  private constructor(algorithm: SignatureAlgorithm, keyId: string, key: CryptoKey) {
    this.algorithm = algorithm;
    this.keyId = keyId;
    this.#key = key;
  }

  /**
   * A signer for a private JWK.
   * @param privateJwk with `kid`, and with `alg` unless the algorithm is given
   * @throws TypeError when `kid` or the algorithm is missing; errors of jose for an unusable key
   */
  static async fromJwk(privateJwk: JWK, algorithm = privateJwk.alg as SignatureAlgorithm | undefined): Promise<JoseSigner> {
    if (privateJwk.kid === undefined || algorithm === undefined || privateJwk.d === undefined) {
      throw new TypeError('A signing key needs kid, alg and its private part');
    }
    if (!keyFitsAlgorithm(privateJwk as PublicJwk, algorithm)) throw new TypeError('The signing key does not fit its algorithm');
    return new JoseSigner(algorithm, privateJwk.kid, (await importJWK(privateJwk, algorithm)) as CryptoKey);
  }

  /** @inheritdoc */
  async sign(typ: string, claims: JsonObject): Promise<string> {
    return new CompactSign(encodeUtf8(JSON.stringify(claims)))
      .setProtectedHeader({ alg: this.algorithm, kid: this.keyId, typ })
      .sign(this.#key);
  }
}

/** Verifies through WebCrypto, keys imported by jose: complete, and fast enough for everything that is not hot. */
export class JoseSignatureVerifier implements SignatureVerifier {
  /** Imported keys live as long as the JWK they came from. */
  readonly #imported = new WeakMap<PublicJwk, Map<SignatureAlgorithm, Promise<CryptoKey | undefined>>>();

  /** @inheritdoc */
  async verify(algorithm: SignatureAlgorithm, key: PublicJwk, signingInput: string, signature: Uint8Array): Promise<boolean> {
    if (algorithm === 'ES256' && !isEcdsaSignature(signature)) return false;
    const imported = await this.#import(algorithm, key);
    if (imported === undefined) return false;
    const parameters = WEB_CRYPTO_ALGORITHMS[algorithm];
    return crypto.subtle.verify(parameters, imported, Uint8Array.from(signature), Uint8Array.from(encodeUtf8(signingInput)));
  }

  #import(algorithm: SignatureAlgorithm, key: PublicJwk): Promise<CryptoKey | undefined> {
    const byAlgorithm = this.#imported.get(key) ?? new Map<SignatureAlgorithm, Promise<CryptoKey | undefined>>();
    this.#imported.set(key, byAlgorithm);
    const known = byAlgorithm.get(algorithm) ?? importPublicKey(algorithm, key);
    byAlgorithm.set(algorithm, known);
    return known;
  }
}

async function importPublicKey(algorithm: SignatureAlgorithm, key: PublicJwk): Promise<CryptoKey | undefined> {
  if (!keyFitsAlgorithm(key, algorithm)) return undefined;
  const { kty, crv, x, y, n, e } = key;
  try {
    // Only the key material: `alg`, `use` and `key_ops` were judged already and must not make the import fail.
    return (await importJWK(JSON.parse(JSON.stringify({ kty, crv, x, y, n, e })) as JWK, algorithm)) as CryptoKey;
  } catch {
    // A point that is not on the curve, for example.
    return undefined;
  }
}
