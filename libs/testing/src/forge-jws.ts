import { constants, createPrivateKey, sign } from 'node:crypto';
import { encodeBase64Url, encodeUtf8, type JsonObject } from '@uma-federation/uma-core';
import type { PrivateJwk } from './public-jwk.ts';

/** One part of a JWS: JSON to serialise, JSON text as it is, or raw bytes. */
export type ForgedPart = JsonObject | string | Uint8Array;

/**
 * Makes a JWS that no mint would make: any header, any payload, signed by the algorithm of the key whatever the header says.
 * @param parts `signature` may replace the valid signature
 * @returns the compact serialization
 */
export function forgeJws(parts: {
  readonly header: ForgedPart;
  readonly claims: ForgedPart;
  readonly key: PrivateJwk;
  readonly signature?: ((valid: Uint8Array) => Uint8Array) | undefined;
}): string {
  const signingInput = `${encodeBase64Url(octets(parts.header))}.${encodeBase64Url(octets(parts.claims))}`;
  const signature = signOctets(parts.key, encodeUtf8(signingInput));
  return `${signingInput}.${encodeBase64Url(parts.signature?.(signature) ?? signature)}`;
}

function octets(part: ForgedPart): Uint8Array {
  if (ArrayBuffer.isView(part)) return part;
  return encodeUtf8(typeof part === 'string' ? part : JSON.stringify(part));
}

function signOctets(jwk: PrivateJwk, data: Uint8Array): Uint8Array {
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' });
  if (jwk.alg === 'EdDSA') return sign(null, data, key);
  if (jwk.alg === 'PS256') return sign('sha256', data, { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 32 });
  return sign('sha256', data, { key, dsaEncoding: 'ieee-p1363' });
}
