import { describe, expect, it } from '@jest/globals';
import type { PublicJwk } from '../ports/signatures.ts';
import { encodeBase64Url } from './base64url.ts';
import { isEcdsaSignature, keyFitsAlgorithm } from './key-fits-algorithm.ts';

const octets = (length: number, first = 0xc0): string => encodeBase64Url(Uint8Array.from({ length }, (_, index) => (index === 0 ? first : 0x55)));
const EC: PublicJwk = { kty: 'EC', crv: 'P-256', x: octets(32), y: octets(32) };
const OKP: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x: octets(32) };
const RSA: PublicJwk = { kty: 'RSA', n: octets(256), e: 'AQAB' };

describe('a key fits its algorithm', () => {
  it.each([
    ['ES256', EC],
    ['ES256', { ...EC, use: 'sig', alg: 'ES256' }],
    ['ES256', { ...EC, key_ops: ['verify'] }],
    ['EdDSA', OKP],
    ['EdDSA', { ...OKP, alg: 'Ed25519' }],
    ['PS256', RSA],
    ['RS256', { ...RSA, n: octets(1024) }],
  ] as const)('%s %#', (algorithm, key) => {
    expect(keyFitsAlgorithm(key, algorithm)).toBe(true);
  });

  it.each([
    ['an EC key for another algorithm', 'RS256', EC],
    ['a key for another alg', 'ES256', { ...EC, alg: 'ES384' }],
    ['a key for encryption', 'ES256', { ...EC, use: 'enc' }],
    ['a key whose operations are others', 'ES256', { ...EC, key_ops: ['encrypt'] }],
    ['a key whose operations are no list', 'ES256', { ...EC, key_ops: 'verify' }],
    ['a symmetric key', 'ES256', { kty: 'oct' }],
    ['another curve', 'ES256', { ...EC, crv: 'secp256k1' }],
    ['a short coordinate', 'ES256', { ...EC, x: octets(31) }],
    ['a padded coordinate', 'ES256', { ...EC, y: `${octets(32)}=` }],
    ['no coordinate', 'ES256', { kty: 'EC', crv: 'P-256', x: octets(32) }],
    ['X25519', 'EdDSA', { ...OKP, crv: 'X25519' }],
    ['a long point', 'EdDSA', { ...OKP, x: octets(33) }],
    ['1024 bits', 'RS256', { ...RSA, n: octets(128) }],
    ['2047 bits', 'PS256', { ...RSA, n: octets(256, 0x7f) }],
    ['16384 bits', 'PS256', { ...RSA, n: octets(2048) }],
    ['a modulus with a leading zero', 'PS256', { ...RSA, n: octets(257, 0) }],
    ['exponent 1', 'RS256', { ...RSA, e: 'AQ' }],
    ['an even exponent', 'RS256', { ...RSA, e: 'AQAA' }],
    ['no exponent', 'RS256', { kty: 'RSA', n: octets(256) }],
    ['a huge exponent', 'RS256', { ...RSA, e: octets(64) }],
  ] as const)('A44 not with %s', (_what, algorithm, key) => {
    expect(keyFitsAlgorithm(key, algorithm)).toBe(false);
  });

  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000080',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
    '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
    'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  ])('A44 not with the small-order Ed25519 point %s', (hex) => {
    expect(keyFitsAlgorithm({ ...OKP, x: Buffer.from(hex, 'hex').toString('base64url') }, 'EdDSA')).toBe(false);
  });
});

describe('the form of an ES256 signature', () => {
  const order = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex');
  const below = Uint8Array.from(order, (octet, index) => (index === 31 ? octet - 1 : octet));
  const above = Uint8Array.from(order, (octet, index) => (index === 31 ? octet + 1 : octet));
  const one = new Uint8Array(32).fill(1, 31);
  const zero = new Uint8Array(32);

  it('A57 is two numbers from 1 to n-1 in 64 octets', () => {
    expect(isEcdsaSignature(Uint8Array.of(...one, ...one))).toBe(true);
    expect(isEcdsaSignature(Uint8Array.of(...below, ...below))).toBe(true);
    for (const wrong of [zero, Uint8Array.from(order), above, new Uint8Array(32).fill(255)]) {
      expect(isEcdsaSignature(Uint8Array.of(...wrong, ...one))).toBe(false);
      expect(isEcdsaSignature(Uint8Array.of(...one, ...wrong))).toBe(false);
    }
    expect(isEcdsaSignature(Uint8Array.of(...one, ...one, 0))).toBe(false);
    expect(isEcdsaSignature(new Uint8Array())).toBe(false);
  });
});
