import { constants, createPrivateKey, type KeyObject, sign } from 'node:crypto';
import {
  encodeBase64Url,
  encodeUtf8,
  type JsonObject,
  keyFitsAlgorithm,
  type PublicJwk,
  type SignatureAlgorithm,
  type Signer,
} from '@uma-federation/uma-core';
import { ecdsaFromDer } from './ecdsa-der.ts';

/** Signs through node:crypto, synchronously: the hot path for ES256, where DER beats `ieee-p1363` on Node 24 by a factor of two. */
export class NodeSigner implements Signer {
  readonly algorithm: SignatureAlgorithm;
  readonly keyId: string;
  readonly #key: KeyObject;
  /** Encoded headers by `typ`: there is one per kind of token. */
  readonly #headers = new Map<string, string>();

  private constructor(algorithm: SignatureAlgorithm, keyId: string, key: KeyObject) {
    this.algorithm = algorithm;
    this.keyId = keyId;
    this.#key = key;
  }

  /**
   * A signer for a private JWK.
   * @param privateJwk with `kid` and `alg`
   * @throws TypeError when `kid`, `alg` or the private part is missing or the key does not fit; errors of node:crypto for an unusable key
   */
  static fromJwk(privateJwk: JsonObject): NodeSigner {
    const { kid, alg, d } = privateJwk;
    if (typeof kid !== 'string' || !isAlgorithm(alg) || typeof d !== 'string') {
      throw new TypeError('A signing key needs kid, alg and its private part');
    }
    if (!keyFitsAlgorithm(privateJwk as unknown as PublicJwk, alg)) throw new TypeError('The signing key does not fit its algorithm');
    return new NodeSigner(alg, kid, createPrivateKey({ key: { ...privateJwk }, format: 'jwk' }));
  }

  /** @inheritdoc */
  async sign(typ: string, claims: JsonObject): Promise<string> {
    const signingInput = `${this.#header(typ)}.${encodeBase64Url(encodeUtf8(JSON.stringify(claims)))}`;
    return `${signingInput}.${encodeBase64Url(signOctets(this.algorithm, this.#key, encodeUtf8(signingInput)))}`;
  }

  #header(typ: string): string {
    const known = this.#headers.get(typ);
    if (known !== undefined) return known;
    const header = encodeBase64Url(encodeUtf8(JSON.stringify({ alg: this.algorithm, kid: this.keyId, typ })));
    this.#headers.set(typ, header);
    return header;
  }
}

function isAlgorithm(alg: unknown): alg is SignatureAlgorithm {
  return alg === 'ES256' || alg === 'EdDSA' || alg === 'PS256' || alg === 'RS256';
}

function signOctets(algorithm: SignatureAlgorithm, key: KeyObject, octets: Uint8Array): Uint8Array {
  switch (algorithm) {
    case 'ES256':
      return ecdsaFromDer(sign('sha256', octets, key));
    case 'EdDSA':
      return sign(null, octets, key);
    case 'PS256':
      return sign('sha256', octets, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
    case 'RS256':
      return sign('sha256', octets, key);
  }
}
