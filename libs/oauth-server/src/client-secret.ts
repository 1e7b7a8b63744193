import { encodeBase64Url, encodeUtf8, sha256 } from '@uma-federation/uma-core';

/**
 * What is kept of a client secret: SHA-256, base64url, 43 characters. A fast hash is enough, because the secrets are random
 * and of 256 bits; slow hashing is for secrets that can be guessed (ASVS 6.5.2; security.md section 4 rule 11).
 */
export async function hashClientSecret(secret: string): Promise<string> {
  return encodeBase64Url(await sha256(encodeUtf8(secret)));
}
