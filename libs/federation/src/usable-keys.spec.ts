import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { DiscoveryFailure, type JsonObject, type JsonValue } from '@uma-federation/uma-core';
import { ecKey } from '../test/fakes.ts';
import { usableKeys } from './usable-keys.ts';

const rsa = (modulusLength: number): JsonObject => generateKeyPairSync('rsa', { modulusLength }).publicKey.export({ format: 'jwk' }) as JsonObject;
const ed25519 = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' }) as JsonObject;
const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).publicKey.export({ format: 'jwk' }) as JsonObject;
const x25519 = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }) as JsonObject;
const privateEc = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' }) as JsonObject;
const good = ecKey('good');
const base64url = (hex: string): string => Buffer.from(hex, 'hex').toString('base64url');

function kidsOf(...keys: JsonValue[]): string[] {
  return [...usableKeys({ keys }).keys()];
}

function reasonOf(json: JsonValue | undefined): string {
  try {
    return `accepted ${usableKeys(json).size}`;
  } catch (error) {
    return error instanceof DiscoveryFailure ? error.reason : String(error);
  }
}

describe('usableKeys', () => {
  it('keeps P-256, Ed25519 and RSA keys for signatures, with public members only', () => {
    expect(kidsOf({ ...good, use: 'sig', key_ops: ['verify'], alg: 'ES256', x5c: ['x'] }, { ...ed25519, kid: 'ed', alg: 'EdDSA' }, { ...rsa(2048), kid: 'rsa', alg: 'PS256' })).toEqual(['good', 'ed', 'rsa']);
    expect(Object.keys(usableKeys({ keys: [{ ...good, x5u: 'https://evil.example' }] }).get('good') ?? {})).not.toContain('x5u');
  });
});

describe('A44 JWKS poisoning', () => {
  it.each<[string, JsonValue]>([
    ['symmetric', { kty: 'oct', k: 'c2VjcmV0', kid: 'bad' }],
    ['with a private member', { ...privateEc, kid: 'bad' }],
    ['with an empty private member', { ...good, kid: 'bad', d: '' }],
    ['with a symmetric secret inside', { ...good, kid: 'bad', k: 'c2VjcmV0' }],
    ['for encryption', { ...good, kid: 'bad', use: 'enc' }],
    ['without verify among its operations', { ...good, kid: 'bad', key_ops: ['sign'] }],
    ['with operations that are no list', { ...good, kid: 'bad', key_ops: 'verify' }],
    ['of an algorithm for another key type', { ...good, kid: 'bad', alg: 'RS256' }],
    ['of an algorithm that is not ours', { ...good, kid: 'bad', alg: 'HS256' }],
    ['RSA-1024', { ...rsa(1024), kid: 'bad' }],
    ['RSA with exponent 1', { ...rsa(2048), kid: 'bad', e: 'AQ' }],
    ['P-384', { ...p384, kid: 'bad' }],
    ['P-256 by name with a longer point', { ...p384, kid: 'bad', crv: 'P-256' }],
    ['not on the curve', { ...good, kid: 'bad', y: good['x'] ?? '' }],
    ['X25519', { ...x25519, kid: 'bad' }],
    ['a small-order Ed25519 point (1)', { kty: 'OKP', crv: 'Ed25519', kid: 'bad', x: base64url(`01${'00'.repeat(31)}`) }],
    ['a small-order Ed25519 point (order 8)', { kty: 'OKP', crv: 'Ed25519', kid: 'bad', x: base64url('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05') }],
    ['a small-order Ed25519 point (sign bit set)', { kty: 'OKP', crv: 'Ed25519', kid: 'bad', x: base64url(`ec${'ff'.repeat(31)}`) }],
    ['without kid', { ...ed25519 }],
    ['with a kid that is no string', { ...good, kid: 7 }],
    ['with an empty kid', { ...good, kid: '' }],
    ['with a kid of 257 characters', { ...good, kid: 'x'.repeat(257) }],
    ['no object', 'bad'],
    ['null', null],
  ])('ignores a key that is %s and keeps its neighbour', (_, bad) => {
    expect(kidsOf(bad, good)).toEqual(['good']);
  });

  it('ignores every key whose kid occurs twice, in either order and whatever the other one is', () => {
    expect(kidsOf(ecKey('twin'), ecKey('twin'), good)).toEqual(['good']);
    expect(kidsOf(ecKey('twin'), { ...ed25519, kid: 'twin' }, good)).toEqual(['good']);
    expect(kidsOf({ kty: 'oct', k: 'eA', kid: 'twin' }, ecKey('twin'), good)).toEqual(['good']);
  });

  it('refuses a set of more than 100 keys, and what is no set', () => {
    expect(reasonOf({ keys: Array.from({ length: 100 }, (_, index) => ({ ...good, kid: `k${index}` })) })).toBe('accepted 100');
    expect(reasonOf({ keys: Array.from({ length: 1000 }, (_, index) => ({ ...good, kid: `k${index}` })) })).toBe('jwks_too_many_keys');
    for (const json of [undefined, null, [], {}, { keys: {} }, { keys: 'x' }]) expect(reasonOf(json)).toBe('jwks_malformed');
  });
});
