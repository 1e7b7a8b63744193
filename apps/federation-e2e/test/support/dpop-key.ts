import { SignJWT, base64url, exportJWK, generateKeyPair, type CryptoKey, type JWK } from 'jose';

/** A key that a client proves to have (RFC 9449). */
export class DpopKey {
  readonly #privateKey: CryptoKey;
  readonly #jwk: JWK;

  private constructor(privateKey: CryptoKey, jwk: JWK) {
    this.#privateKey = privateKey;
    this.#jwk = jwk;
  }

  static async generate(): Promise<DpopKey> {
    const { privateKey, publicKey } = await generateKeyPair('ES256');
    return new DpopKey(privateKey, await exportJWK(publicKey));
  }

  /** A fresh proof for one request. @param accessToken that comes with it */
  async proof(method: string, url: string, accessToken?: string): Promise<string> {
    const ath = accessToken === undefined ? {} : { ath: base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(accessToken)))) };
    const proof = new SignJWT({ htm: method, htu: url, jti: crypto.randomUUID(), ...ath });
    return proof.setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk: this.#jwk }).setIssuedAt().sign(this.#privateKey);
  }
}
