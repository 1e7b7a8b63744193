import { hash } from 'node:crypto';

/**
 * What is kept of a client secret: SHA-256, base64url, 43 characters. A fast hash is enough, because the secrets are random
 * and of 256 bits; slow hashing is for secrets that can be guessed (ASVS 6.5.2; security.md section 4 rule 11).
 */
export function hashClientSecret(secret: string): string {
  return hash('sha256', secret, 'base64url');
}
