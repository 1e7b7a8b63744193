import { constants, createPublicKey, type KeyObject, verify } from 'node:crypto';
import {
  encodeUtf8,
  isEcdsaSignature,
  keyFitsAlgorithm,
  type PublicJwk,
  type SignatureAlgorithm,
  type SignatureVerifier,
} from '@uma-federation/uma-core';
import { ecdsaToDer } from './ecdsa-der.ts';

/** Keys of DPoP proofs are strangers' and many: the oldest give way. */
const MAX_IMPORTED_KEYS = 512;

/** Verifies through node:crypto, synchronously: the hot path for ES256 (DER, see `NodeSigner`), complete for the other algorithms. */
export class NodeSignatureVerifier implements SignatureVerifier {
  /** Imported keys by algorithm and key material: the same material is the same key, whoever sent it. */
  readonly #imported = new Map<string, KeyObject>();
  /** The same by the object that a key set hands out again and again; keys that fitted the algorithm. */
  readonly #seen = new WeakMap<PublicJwk, { readonly algorithm: SignatureAlgorithm; readonly imported: KeyObject }>();

  /** @inheritdoc */
  async verify(algorithm: SignatureAlgorithm, key: PublicJwk, signingInput: string, signature: Uint8Array): Promise<boolean> {
    if (algorithm === 'ES256' && !isEcdsaSignature(signature)) return false;
    const imported = this.#import(algorithm, key);
    if (imported === undefined) return false;
    return verifyOctets(algorithm, imported, encodeUtf8(signingInput), signature);
  }

  #import(algorithm: SignatureAlgorithm, key: PublicJwk): KeyObject | undefined {
    const seen = this.#seen.get(key);
    if (seen?.algorithm === algorithm) return seen.imported;
    const imported = this.#importMaterial(algorithm, key);
    if (imported !== undefined) this.#seen.set(key, { algorithm, imported });
    return imported;
  }

  #importMaterial(algorithm: SignatureAlgorithm, key: PublicJwk): KeyObject | undefined {
    if (!keyFitsAlgorithm(key, algorithm)) return undefined;
    const { kty, crv, x, y, n, e } = key;
    const material = JSON.stringify({ kty, crv, x, y, n, e });
    const known = this.#imported.get(material);
    if (known !== undefined) return known;
    const imported = importPublicKey(material);
    if (imported === undefined) return undefined;
    this.#forgetOldest();
    this.#imported.set(material, imported);
    return imported;
  }

  #forgetOldest(): void {
    if (this.#imported.size < MAX_IMPORTED_KEYS) return;
    for (const oldest of this.#imported.keys()) {
      this.#imported.delete(oldest);
      return;
    }
  }
}

function importPublicKey(material: string): KeyObject | undefined {
  try {
    return createPublicKey({ key: JSON.parse(material) as Record<string, string>, format: 'jwk' });
  } catch {
    // A point that is not on the curve, for example.
    return undefined;
  }
}

function verifyOctets(algorithm: SignatureAlgorithm, key: KeyObject, octets: Uint8Array, signature: Uint8Array): boolean {
  switch (algorithm) {
    case 'ES256':
      return verify('sha256', octets, key, ecdsaToDer(signature));
    case 'EdDSA':
      return verify(null, octets, key, signature);
    case 'PS256':
      return verify('sha256', octets, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 }, signature);
    case 'RS256':
      return verify('sha256', octets, key, signature);
  }
}
