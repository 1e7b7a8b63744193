import { encodeUtf8, type JsonObject } from '@uma-federation/uma-core';
import { type BaseToken, type Mutation, withTextInFront } from './base-token.ts';

const parts = (token: string): [string, string, string] => token.split('.') as [string, string, string];

/** JSON text whose base64url form has unused trailing bits: JSON may end in white space. */
function withUnusedBits(value: JsonObject): string {
  const text = JSON.stringify(value);
  return encodeUtf8(text).length % 3 === 0 ? `${text} ` : text;
}

/** The same bytes in another spelling: the lowest unused bit of the last character is set. */
function setUnusedBit(part: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
  return part.slice(0, -1) + alphabet.charAt(alphabet.indexOf(part.slice(-1)) | 1);
}

function toStandardAlphabet(part: string): string {
  const standard = part.replaceAll('-', '+').replaceAll('_', '/');
  return standard === part ? `+${part.slice(1)}` : standard;
}

function malformed(base: BaseToken): Mutation[] {
  const { header, claims } = base;
  const spell = (name: string, description: string, text: (token: string) => string, more: Partial<Mutation> = {}): Mutation => ({
    name,
    description,
    attacks: ['A54'],
    text,
    reason: 'malformed',
    faultClass: 'curable',
    ...more,
  });
  return [
    spell('oversized', 'larger than 8 KiB', (token) => token, { claims: { ...claims, padding: 'x'.repeat(6200) } }),
    spell('json-serialization', 'flattened JWS JSON serialization', (token) => {
      const [protectedHeader, payload, signature] = parts(token);
      return JSON.stringify({ protected: protectedHeader, payload, signature });
    }),
    spell('jwe-shape', 'five parts, as a JWE has', (token) => `${token}.${parts(token).slice(0, 2).join('.')}`),
    spell('two-parts', 'the signature and its dot are missing', (token) => parts(token).slice(0, 2).join('.')),
    spell('four-parts', 'one part too many', (token) => `${token}.AAAA`),
    spell('seven-parts', 'six dots', (token) => `${token}.AAAA.AAAA.AAAA.AAAA`),
    spell('empty-text', 'nothing at all', () => ''),
    spell('empty-header', 'no header', (token) => `.${parts(token).slice(1).join('.')}`),
    spell('empty-payload', 'no payload', (token) => `${parts(token)[0]}..${parts(token)[2]}`),
    spell('unsecured', 'alg none with the empty signature of RFC 7519 6.1', (token) => parts(token).slice(0, 2).join('.') + '.', {
      attacks: ['A47', 'A54'],
      header: { ...header, alg: 'none' },
    }),
    spell('leading-space', 'white space before the token', (token) => ` ${token}`),
    spell('trailing-newline', 'a newline after the token', (token) => `${token}\n`),
    spell('space-in-signature', 'white space inside the signature', (token) => `${token.slice(0, -10)} ${token.slice(-10)}`),
    spell('padded-header', 'base64 padding after the header', (token) => token.replace('.', '=.')),
    spell('padded-signature', 'base64 padding after the signature', (token) => `${token}==`),
    spell('standard-alphabet', 'signature in the standard base64 alphabet', (token) => {
      const [protectedHeader, payload, signature] = parts(token);
      return [protectedHeader, payload, toStandardAlphabet(signature)].join('.');
    }),
    spell('noncanonical-header', 'unused bits of the header set', (token) => token.replace(/^[^.]+/, setUnusedBit), { header: withUnusedBits(header) }),
    spell('noncanonical-payload', 'unused bits of the payload set', (token) => token.replace(/(?<=\.)[^.]+(?=\.)/, setUnusedBit), {
      claims: withUnusedBits(claims),
    }),
    spell('noncanonical-signature', 'unused bits of the signature set: another spelling of a valid token', (token) => setUnusedBit(token)),
    spell('impossible-length', 'a part of 4n+1 characters', (token) => `${token}AAA`),
  ];
}

function badJson(base: BaseToken): Mutation[] {
  const { header, claims } = base;
  const text = JSON.stringify(claims);
  const bad = (name: string, description: string, change: Partial<Mutation>): Mutation => ({
    name,
    description,
    attacks: ['A54'],
    reason: 'bad_json',
    ...change,
  });
  const withOctets = (...octets: number[]): Uint8Array =>
    Uint8Array.from([...encodeUtf8('{"x":"'), ...octets, ...encodeUtf8(`",${text.slice(1)}`)]);
  return [
    bad('payload-bom', 'byte order mark before the payload', { claims: `\uFEFF${text}` }),
    bad('header-bom', 'byte order mark before the header', { header: `\uFEFF${JSON.stringify(header)}` }),
    bad('payload-invalid-utf8', 'an octet that is not UTF-8', { claims: withOctets(0xff) }),
    bad('payload-overlong-utf8', 'overlong UTF-8 in a string', { claims: withOctets(0xc0, 0xaf) }),
    bad('duplicate-claim', 'two values of a claim, the good one last', { claims: withTextInFront(claims, `"${Object.keys(claims)[0]}":"https://as.evil.example"`) }),
    bad('duplicate-claim-escaped', 'the second name is spelled with an escape', { claims: withTextInFront(claims, '"j\\u0074i":"other"') }),
    bad('duplicate-header', 'two values of alg', { header: withTextInFront(header, '"alg":"none"') }),
    bad('proto-claim', 'a member __proto__', { claims: withTextInFront(claims, '"__proto__":{"email_verified":true}'), attacks: ['A25', 'A54'] }),
    bad('payload-array', 'claims in an array', { claims: `[${text}]` }),
    bad('payload-string', 'claims in a string', { claims: JSON.stringify(text) }),
    bad('payload-null', 'null instead of claims', { claims: 'null' }),
    bad('payload-two-values', 'two JSON values', { claims: `${text}${text}` }),
    bad('payload-comment', 'a comment', { claims: `/**/${text}` }),
    bad('payload-single-quotes', 'not JSON', { claims: text.replaceAll('"', "'") }),
    bad('payload-infinite-number', 'a number beyond the range', { claims: withTextInFront(claims, '"x":1e400') }),
    bad('payload-lone-surrogate', 'a lone surrogate', { claims: withTextInFront(claims, '"x":"\\ud800"') }),
    bad('payload-nul', 'a NUL character', { claims: withTextInFront(claims, '"x":"\\u0000"') }),
    bad('payload-deep', 'eleven levels', { claims: withTextInFront(claims, `"x":${'['.repeat(10)}${']'.repeat(10)}`) }),
    bad('act-bomb', 'actors nested as deep as 8 KiB allow', {
      claims: withTextInFront(claims, `"x":${'{"act":'.repeat(550)}1${'}'.repeat(550)}`),
      attacks: ['A51', 'A54'],
    }),
  ];
}

/** A54: what is no compact JWS, and what is no strict JSON. */
export function formatMutations(base: BaseToken): Mutation[] {
  return [...malformed(base), ...badJson(base)];
}
