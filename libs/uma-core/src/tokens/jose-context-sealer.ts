import { CompactEncrypt, compactDecrypt } from 'jose';
import type { ContextSealer } from '../ports/context-sealer.ts';
import { decodeUtf8, encodeUtf8 } from './base64url.ts';
import { MAX_TOKEN_BYTES } from './claim-rules.ts';

const KEY_BYTES = 32;

/** Seals ticket contexts as compact JWE `dir` / `A256GCM` (RFC 7518 4.5, 5.3) through jose. */
export class JoseContextSealer implements ContextSealer {
  readonly #keys: readonly Uint8Array[];
  readonly #newest: Uint8Array;

  /**
   * @param keys 32 bytes each, newest first: the first seals, all open
   * @throws TypeError when there is no key or one has another size
   */
  constructor(keys: readonly Uint8Array[]) {
    const [newest] = keys;
    if (newest === undefined || keys.some((key) => key.length !== KEY_BYTES)) {
      throw new TypeError('A context sealer needs keys of 32 bytes each');
    }
    this.#keys = keys.map((key) => Uint8Array.from(key));
    this.#newest = Uint8Array.from(newest);
  }

  /** @inheritdoc */
  async seal(text: string): Promise<string> {
    return new CompactEncrypt(encodeUtf8(text)).setProtectedHeader({ alg: 'dir', enc: 'A256GCM' }).encrypt(this.#newest);
  }

  /** @inheritdoc */
  async open(sealed: string): Promise<string | undefined> {
    if (sealed.length > MAX_TOKEN_BYTES) return undefined;
    for (const key of this.#keys) {
      const plaintext = await decrypt(sealed, key);
      if (plaintext !== undefined) return decodeUtf8(plaintext);
    }
    return undefined;
  }
}

async function decrypt(sealed: string, key: Uint8Array): Promise<Uint8Array | undefined> {
  try {
    const { plaintext } = await compactDecrypt(sealed, key, {
      keyManagementAlgorithms: ['dir'],
      contentEncryptionAlgorithms: ['A256GCM'],
      // A sealed context is never compressed: what claims to be is not ours.
      maxDecompressedLength: 0,
    });
    return plaintext;
  } catch {
    return undefined;
  }
}
