import type { Sha256 } from '../ports/sha-256.ts';
import { encodeBase64Url, encodeUtf8 } from './base64url.ts';

/** SHA-256 of the data, by Web Crypto. */
export async function sha256(data: Uint8Array): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.from(data)));
}

/**
 * The binding between a ticket and the tokens that go with it (protocol.md 1.4, seed 003):
 * BASE64URL without padding of SHA-256 over the UTF-8 octets of the ticket's `sub` claim, as it is after JSON decoding.
 * @param nonce the value of the ticket's `sub`; neither the ticket string nor the decoded nonce
 * @returns 43 characters
 */
export async function ticketHash(nonce: string, digest: Sha256 = sha256): Promise<string> {
  return encodeBase64Url(await digest(encodeUtf8(nonce)));
}

/**
 * The binding of seed 002 (protocol.md 1.3, 1.4): BASE64URL without padding of SHA-256 over the octets of the whole ticket string.
 * It is not the hash of seed 003, and a token carries one of them only (C5).
 * @param ticket as it was handed to the client
 * @returns 43 characters
 */
export async function ticketChallenge(ticket: string, digest: Sha256 = sha256): Promise<string> {
  return encodeBase64Url(await digest(encodeUtf8(ticket)));
}

/**
 * Compares two texts in time that depends on their lengths only.
 * @returns whether they are equal, octet by octet
 */
export function equalInConstantTime(a: string, b: string): boolean {
  const left = encodeUtf8(a);
  const right = encodeUtf8(b);
  let difference = left.length ^ right.length;
  for (let index = 0; index < Math.max(left.length, right.length); index += 1) {
    difference |= (left[index] ?? 0) ^ (right[index] ?? 0);
  }
  return difference === 0;
}
