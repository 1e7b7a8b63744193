import { createHmac, createPublicKey } from 'node:crypto';
import { encodeUtf8, encodeBase64Url, type JsonObject, type JsonValue, TOKEN_TYPES } from '@uma-federation/uma-core';
import { fixedKeys } from '../../src/fixed-keys.ts';
import { publicJwk } from '../../src/public-jwk.ts';
import { type BaseToken, type Mutation, without } from './base-token.ts';

function algorithms({ header, key }: BaseToken): Mutation[] {
  const bad = (name: string, description: string, changed: JsonObject, more: Partial<Mutation> = {}): Mutation => ({
    name,
    description,
    attacks: ['A47'],
    header: changed,
    reason: 'alg_not_allowed',
    ...more,
  });
  const spki = createPublicKey({ key: { ...key }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  const signedWith = (secret: string | Uint8Array) => (token: string) => {
    const signingInput = token.slice(0, token.lastIndexOf('.'));
    return `${signingInput}.${encodeBase64Url(createHmac('sha256', secret).update(signingInput).digest())}`;
  };
  return [
    bad('alg-none', 'alg none with a signature', { ...header, alg: 'none' }),
    bad('alg-none-capital', 'alg None', { ...header, alg: 'None' }),
    bad('alg-none-mixed', 'alg nOnE', { ...header, alg: 'nOnE' }),
    bad('alg-absent', 'no alg', without(header, 'alg')),
    bad('alg-array', 'alg in an array', { ...header, alg: ['ES256'] }),
    bad('alg-lower-case', 'alg es256', { ...header, alg: 'es256' }),
    bad('alg-es384', 'an algorithm outside the profile', { ...header, alg: 'ES384' }),
    bad('alg-hs256-pem', 'HS256 with the public key in PEM as secret', { ...header, alg: 'HS256' }, { text: signedWith(spki) }),
    bad('alg-hs256-jwk', 'HS256 with the public JWK as secret', { ...header, alg: 'HS256' }, { text: signedWith(JSON.stringify(publicJwk(key))) }),
    bad('alg-hs256-empty', 'HS256 with an empty secret', { ...header, alg: 'HS256' }, { text: signedWith(encodeUtf8('')) }),
    bad('alg-rs256-on-ec', 'RS256 with an EC key', { ...header, alg: 'RS256' }, { reason: 'unfit_key' }),
    bad('alg-ps256-on-ec', 'PS256 with an EC key', { ...header, alg: 'PS256' }, { reason: 'unfit_key' }),
    bad('alg-eddsa-on-ec', 'EdDSA with an EC key', { ...header, alg: 'EdDSA' }, { reason: 'unfit_key' }),
  ];
}

function foreignMembers({ header, key }: BaseToken): Mutation[] {
  const bad = (member: string, value: JsonValue, description: string, attack = 'A48'): Mutation => ({
    name: `header-${member}`,
    description,
    attacks: [attack],
    header: { ...header, [member]: value },
    reason: 'bad_header',
  });
  const url = 'https://as.evil.example/keys';
  return [
    bad('jku', url, 'a URL for keys: nobody fetches it'),
    bad('x5u', url, 'a URL for certificates: nobody fetches it'),
    bad('x5c', ['MIIB'], 'an embedded certificate'),
    bad('x5t', 'AAAA', 'a certificate thumbprint'),
    ...('jwk' in header ? [] : [bad('jwk', publicJwk(key), 'an embedded key, even the right one')]),
    bad('crit', ['exp'], 'a critical extension', 'A47'),
    bad('b64', false, 'an unencoded payload (RFC 7797)', 'A47'),
    bad('zip', 'DEF', 'compression', 'A47'),
    bad('cty', 'JWT', 'a nested token', 'A47'),
    bad('constructor', 'x', 'a member that no standard knows', 'A47'),
  ];
}

function types({ header }: BaseToken): Mutation[] {
  const bad = (name: string, description: string, changed: JsonObject): Mutation => ({
    name: `typ-${name}`,
    description,
    attacks: ['A4', 'A50'],
    header: changed,
    reason: 'wrong_typ',
  });
  const typ = header['typ'] as string;
  const others = Object.entries(TOKEN_TYPES).filter(([, other]) => other !== typ);
  return [
    ...others.map(([kind, other]) => bad(kind.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), `typ of another kind: ${other}`, { ...header, typ: other })),
    bad('absent', 'no typ', without(header, 'typ')),
    bad('upper-case', 'typ in capitals', { ...header, typ: typ.toUpperCase() }),
    bad('trailing-space', 'typ with a space behind it', { ...header, typ: `${typ} ` }),
    bad('array', 'typ in an array', { ...header, typ: [typ] }),
    bad('empty', 'empty typ', { ...header, typ: '' }),
  ];
}

/** A49: a key id is a map key and nothing else. */
export function keyIdMutations({ header, key }: BaseToken): Mutation[] {
  const bad = (name: string, description: string, changed: JsonObject, more: Partial<Mutation> = {}): Mutation => ({
    name: `kid-${name}`,
    description,
    attacks: ['A49'],
    header: changed,
    reason: 'bad_kid',
    ...more,
  });
  const unknown = { reason: 'unknown_key', faultClass: 'curable' } as const;
  return [
    bad('path', 'a path', { ...header, kid: '../../dev/null' }),
    bad('sql', 'SQL', { ...header, kid: "x' OR '1'='1" }),
    bad('long', '129 characters', { ...header, kid: 'k'.repeat(129) }),
    bad('tab', 'a control character', { ...header, kid: 'a\tb' }),
    bad('array', 'an array of the right key id', { ...header, kid: [key.kid] }),
    bad('object', 'an object', { ...header, kid: { toString: 'x' } }),
    bad('number', 'a number', { ...header, kid: 1 }),
    bad('empty', 'empty', { ...header, kid: '' }),
    bad('absent', 'no kid', without(header, 'kid')),
    bad('proto', '__proto__: the name of no key', { ...header, kid: '__proto__' }, unknown),
    bad('constructor', 'constructor: the name of no key', { ...header, kid: 'constructor' }, unknown),
    bad('unknown', 'a key that the issuer does not publish', { ...header, kid: fixedKeys.evil.kid }, { ...unknown, key: fixedKeys.evil }),
    bad('case', 'another case of the right key id', { ...header, kid: key.kid.toUpperCase() }, unknown),
  ];
}

/** A47, A48, A50: algorithm confusion, foreign header members, other kinds' `typ`. */
export function headerMutations(base: BaseToken): Mutation[] {
  return [...algorithms(base), ...foreignMembers(base), ...types(base)];
}
