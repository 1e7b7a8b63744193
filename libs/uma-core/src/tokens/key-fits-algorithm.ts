import type { PublicJwk, SignatureAlgorithm } from '../ports/signatures.ts';
import { decodeBase64Url } from './base64url.ts';

/** Order of the P-256 group (FIPS 186-5), big-endian. */
const P256_ORDER = [
  0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e,
  0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/** Encodings of the Ed25519 points of order 1, 2, 4 and 8 without sign bit: under such a key a signature can fit many messages (RFC 8032 8.9; A44). */
const SMALL_ORDER_ED25519 = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
]);

/**
 * Whether a public key may verify an algorithm (RFC 8725 3.1; A44, A47): key type, curve, sizes, `use`, `key_ops` and `alg` all agree.
 * @param jwk the key; RSA moduli have 2048 to 8192 bits, points are spelled canonically and are not of small order
 * @returns false when anything does not fit. Does not check that a point lies on its curve: the import does.
 */
export function keyFitsAlgorithm(jwk: PublicJwk, algorithm: SignatureAlgorithm): boolean {
  if ((jwk.use !== undefined && jwk.use !== 'sig') || !isForSignatures(jwk)) return false;
  if (jwk.alg !== undefined && jwk.alg !== algorithm && !(algorithm === 'EdDSA' && jwk.alg === 'Ed25519')) return false;
  switch (algorithm) {
    case 'ES256':
      return jwk.kty === 'EC' && jwk.crv === 'P-256' && octets(jwk.x)?.length === 32 && octets(jwk.y)?.length === 32;
    case 'EdDSA':
      return jwk.kty === 'OKP' && jwk.crv === 'Ed25519' && isEd25519Point(octets(jwk.x));
    case 'PS256':
    case 'RS256':
      return jwk.kty === 'RSA' && isRsaModulus(octets(jwk.n)) && isRsaExponent(octets(jwk.e));
  }
}

/**
 * Whether an ES256 signature has the form of RFC 7518 3.4: 64 octets, r and s both in [1, n-1] (A57).
 * @param signature raw signature; DER-encoded ones have another length or other numbers
 */
export function isEcdsaSignature(signature: Uint8Array): boolean {
  return signature.length === 64 && isScalar(signature.subarray(0, 32)) && isScalar(signature.subarray(32));
}

/** RFC 7517 4.3: `key_ops`, where given, say what the key is for. */
function isForSignatures(jwk: PublicJwk & { readonly key_ops?: unknown }): boolean {
  if (jwk.key_ops === undefined) return true;
  return Array.isArray(jwk.key_ops) && (jwk.key_ops.includes('verify') || jwk.key_ops.includes('sign'));
}

function isScalar(octets: Uint8Array): boolean {
  const firstDifference = octets.findIndex((octet, index) => octet !== P256_ORDER[index]);
  const isBelowOrder = firstDifference >= 0 && (octets[firstDifference] ?? 0) < (P256_ORDER[firstDifference] ?? 0);
  return isBelowOrder && octets.some((octet) => octet !== 0);
}

function octets(text: string | undefined): Uint8Array | undefined {
  return text === undefined ? undefined : decodeBase64Url(text);
}

function isEd25519Point(point: Uint8Array | undefined): boolean {
  if (point?.length !== 32) return false;
  const withoutSign = Array.from(point, (octet, index) => (index === 31 ? octet & 0x7f : octet));
  return !SMALL_ORDER_ED25519.has(withoutSign.map((octet) => octet.toString(16).padStart(2, '0')).join(''));
}

function isRsaModulus(modulus: Uint8Array | undefined): boolean {
  const first = modulus?.[0];
  if (modulus === undefined || first === undefined || first === 0) return false;
  const bits = modulus.length * 8 - Math.clz32(first) + 24;
  return bits >= 2048 && bits <= 8192;
}

function isRsaExponent(exponent: Uint8Array | undefined): boolean {
  if (exponent === undefined || exponent.length === 0 || exponent.length > 4 || exponent[0] === 0) return false;
  const value = exponent.reduce((sum, octet) => sum * 256 + octet, 0);
  return value >= 3 && value % 2 === 1;
}
