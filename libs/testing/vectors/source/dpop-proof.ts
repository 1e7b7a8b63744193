import type { JsonObject, JsonValue } from '@uma-federation/uma-core';
import { fixedKeys } from '../../src/fixed-keys.ts';
import { type PrivateJwk, publicJwk } from '../../src/public-jwk.ts';
import type { NamedVector } from '../../src/token-vector.ts';
import { type BaseToken, type Mutation, toVector, without } from './base-token.ts';
import { dpopProof, NOW, RESOURCE_URI } from './base-tokens.ts';
import { changed, missingClaims, wrongClaimTypes } from './claim-mutations.ts';
import { formatMutations } from './format-mutations.ts';
import { headerMutations } from './header-mutations.ts';
import { signatureMutations } from './signature-mutations.ts';

function jwkOf(key: PrivateJwk): JsonObject {
  return without(without(publicJwk(key), 'kid'), 'alg');
}

function keys(base: BaseToken): Mutation[] {
  const jwk = base.header['jwk'] as JsonObject;
  const good = (name: string, key: PrivateJwk): Mutation => ({
    name: `key-${name}`,
    description: `a key for ${key.alg}`,
    attacks: [],
    header: { ...base.header, alg: key.alg, jwk: jwkOf(key) },
    key,
  });
  const bad = (name: string, description: string, changedJwk: JsonValue, reason = 'unfit_key', attack = 'A44'): Mutation => ({
    name: `key-${name}`,
    description,
    attacks: [attack],
    header: { ...base.header, jwk: changedJwk },
    reason,
  });
  return [
    good('ed25519', fixedKeys.ed25519),
    good('rsa-pss', fixedKeys.rsaPss),
    good('rsa', fixedKeys.rsa),
    { name: 'key-with-uses', description: 'with the members that WebCrypto exports', attacks: [], header: { ...base.header, jwk: { ...jwk, key_ops: ['verify'], ext: true } } },
    bad('private', 'with its private part', { ...jwk, d: fixedKeys.dpop.d }, 'bad_header', 'A48'),
    bad('symmetric', 'a symmetric key', { kty: 'oct', k: 'AAAA' }, 'bad_header'),
    bad('with-x5c', 'with a certificate', { ...jwk, x5c: ['MIIB'] }, 'bad_header', 'A48'),
    bad('string', 'a URL instead of a key', 'https://as.evil.example/keys', 'bad_header', 'A48'),
    bad('without-y', 'half a point', without(jwk, 'y')),
    bad('other-curve', 'another curve', { ...jwk, crv: 'P-384' }),
    bad('other-type', 'an Ed25519 key for ES256', jwkOf(fixedKeys.ed25519)),
    bad('off-curve', 'a point that is not on the curve', { ...jwk, y: jwk['x'] ?? '' }, 'bad_signature'),
    bad('noncanonical', 'padding in a coordinate', { ...jwk, x: `${jwk['x'] as string}=` }),
    bad('for-encryption', 'a key for encryption', { ...jwk, use: 'enc' }),
    bad('for-wrapping', 'a key whose operations are others', { ...jwk, key_ops: ['wrapKey'] }),
    bad('for-other-alg', 'a key for another algorithm', { ...jwk, alg: 'ES384' }),
    bad('of-another', 'a key that did not sign', jwkOf(fixedKeys.evil), 'bad_signature', 'A10'),
    bad('and-kid', 'a kid beside the key', jwk, 'bad_header', 'A49'),
    { ...good('rsa-1024', fixedKeys.rsa1024), attacks: ['A44'], reason: 'unfit_key' },
    {
      name: 'key-small-order',
      description: 'an Ed25519 point of small order, under which a zero signature fits many messages',
      attacks: ['A44'],
      header: { ...base.header, alg: 'EdDSA', jwk: { kty: 'OKP', crv: 'Ed25519', x: 'AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' } },
      signature: () => Uint8Array.from({ length: 64 }, (_, index) => (index === 0 ? 1 : 0)),
      reason: 'unfit_key',
    },
  ].map((mutation) => (mutation.name === 'key-and-kid' ? { ...mutation, header: { ...base.header, kid: 'dpop-1' } } : mutation));
}

function requests(base: BaseToken): Mutation[] {
  const url = (name: string, htu: JsonValue, reason = 'wrong_url'): Mutation => changed(base, `url-${name}`, 'htu', htu, { reason, attacks: [] });
  const good = (name: string, htu: string, called = RESOURCE_URI): Mutation => ({
    name: `url-${name}`,
    description: `${htu} for ${called}`,
    attacks: [],
    claims: { ...base.claims, htu },
    inputs: { url: called },
  });
  return [
    good('called-with-query', RESOURCE_URI, `${RESOURCE_URI}?page=2`),
    good('with-query', `${RESOURCE_URI}?page=2#top`),
    good('upper-case-host', RESOURCE_URI.replace('api.acme', 'API.acme')),
    good('default-port', RESOURCE_URI.replace('acme.example', 'acme.example:443')),
    url('other-host', RESOURCE_URI.replace('acme', 'evil')),
    url('other-path', `${RESOURCE_URI}/`),
    url('other-port', RESOURCE_URI.replace('acme.example', 'acme.example:8443')),
    url('http', RESOURCE_URI.replace('https', 'http')),
    url('relative', '/users/alice/notes/7'),
    url('number', 1, 'bad_claims'),
    changed(base, 'method-other', 'htm', 'POST', { reason: 'wrong_method', attacks: [] }),
    changed(base, 'method-lower-case', 'htm', 'get', { reason: 'wrong_method', attacks: [] }),
    { name: 'token-other', description: 'ath of another access token', attacks: [], inputs: { accessToken: 'header.claims.other' }, reason: 'wrong_access_token' },
    { name: 'token-hash-missing', description: 'no ath with an access token', attacks: [], claims: without(base.claims, 'ath'), reason: 'wrong_access_token' },
    changed(base, 'token-hash-padded', 'ath', `${base.claims['ath'] as string}=`, { reason: 'wrong_access_token', attacks: [] }),
  ];
}

function times(base: BaseToken): Mutation[] {
  const at = (name: string, description: string, verifyAt: number, reason?: string): Mutation => ({
    name,
    description,
    attacks: ['A55'],
    verifyAt,
    ...(reason === undefined ? {} : { reason, faultClass: 'curable' }),
  });
  return [
    at('last-second', '119 s after iat: 60 s and the skew', NOW + 119),
    at('stale', '120 s after iat', NOW + 120, 'expired'),
    at('first-second', '60 s before iat', NOW - 60),
    at('from-the-future', '61 s before iat', NOW - 61, 'not_yet_valid'),
    { name: 'expired', description: 'an exp of its own has passed', attacks: ['A55'], claims: { ...base.claims, exp: NOW + 1 }, verifyAt: NOW + 61, reason: 'expired', faultClass: 'curable' },
    { name: 'far-exp', description: 'an exp of its own does not make it live longer', attacks: ['A55'], claims: { ...base.claims, exp: NOW + 86_400 }, verifyAt: NOW + 120, reason: 'expired', faultClass: 'curable' },
  ];
}

/** All vectors of DPoP proofs. */
export async function dpopProofVectors(): Promise<NamedVector[]> {
  const base = await dpopProof();
  const vectors = [
    { name: 'with-token', description: 'for a request with an access token', attacks: [] },
    { name: 'without-token', description: 'for a token request', attacks: [], claims: without(base.claims, 'ath') },
    { name: 'foreign-claim', description: 'claims that RFC 9449 does not name', attacks: [], claims: { ...base.claims, nonce: 'n', other: 1 } },
    ...formatMutations(base),
    ...headerMutations(base),
    ...signatureMutations(base),
    ...missingClaims(base, ['jti', 'htm', 'htu', 'iat']),
    ...wrongClaimTypes(base, ['iat']),
    ...keys(base),
    ...requests(base),
    ...times(base),
  ].map((mutation) => toVector(base, mutation));
  return vectors.map((vector) => (vector.name === 'valid-without-token' ? withoutAccessToken(vector) : vector));
}

function withoutAccessToken(vector: NamedVector): NamedVector {
  const { accessToken: _accessToken, ...inputs } = vector.inputs;
  return { ...vector, inputs };
}
