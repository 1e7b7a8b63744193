import { createCipheriv, createDecipheriv, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { decodeBase64Url, decodeUtf8, encodeBase64Url, encodeUtf8, MAX_TOKEN_BYTES, type ContextSealer } from '@uma-federation/uma-core';

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const CIPHER = 'aes-256-gcm';
/** The one protected header that is made and accepted; `JoseContextSealer` makes the same. */
const HEADER = encodeBase64Url(encodeUtf8('{"alg":"dir","enc":"A256GCM"}'));

/** Seals ticket contexts as compact JWE `dir` / `A256GCM` (RFC 7518 4.5, 5.3) through node:crypto, synchronously: the hot path. */
export class NodeContextSealer implements ContextSealer {
  readonly #keys: readonly KeyObject[];
  readonly #newest: KeyObject;

  /**
   * @param keys 32 bytes each, newest first: the first seals, all open
   * @throws TypeError when there is no key or one has another size
   */
  constructor(keys: readonly Uint8Array[]) {
    if (keys.some((key) => key.length !== KEY_BYTES)) throw new TypeError('A context sealer needs keys of 32 bytes each');
    this.#keys = keys.map((key) => createSecretKey(key));
    const [newest] = this.#keys;
    if (newest === undefined) throw new TypeError('A context sealer needs a key');
    this.#newest = newest;
  }

  /** @inheritdoc */
  async seal(text: string): Promise<string> {
    // NIST SP 800-38D 8.3: random IVs of 96 bits are good for 2^32 messages per key.
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(CIPHER, this.#newest, iv).setAAD(encodeUtf8(HEADER));
    const ciphertext = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    // RFC 7516 3.1: header, no encrypted key, initialization vector, ciphertext, tag.
    return `${HEADER}..${encodeBase64Url(iv)}.${encodeBase64Url(ciphertext)}.${encodeBase64Url(cipher.getAuthTag())}`;
  }

  /** @inheritdoc */
  async open(sealed: string): Promise<string | undefined> {
    if (sealed.length > MAX_TOKEN_BYTES) return undefined;
    const [header, encryptedKey, ...rest] = sealed.split('.');
    const [iv, ciphertext, tag] = rest.map(decodeBase64Url);
    if (header !== HEADER || encryptedKey !== '' || rest.length !== 3) return undefined;
    if (iv?.length !== IV_BYTES || ciphertext === undefined || tag?.length !== TAG_BYTES) return undefined;
    for (const key of this.#keys) {
      const plaintext = decrypt(key, { iv, ciphertext, tag });
      if (plaintext !== undefined) return decodeUtf8(plaintext);
    }
    return undefined;
  }
}

function decrypt(key: KeyObject, { iv, ciphertext, tag }: { readonly iv: Uint8Array; readonly ciphertext: Uint8Array; readonly tag: Uint8Array }): Uint8Array | undefined {
  const decipher = createDecipheriv(CIPHER, key, iv, { authTagLength: TAG_BYTES }).setAAD(encodeUtf8(HEADER)).setAuthTag(tag);
  const plaintext = decipher.update(ciphertext);
  try {
    // Throws unless the tag is right; nothing of the plaintext leaves before that.
    decipher.final();
    return plaintext;
  } catch {
    return undefined;
  }
}
