import { fixedKeys } from '../../src/fixed-keys.ts';
import type { BaseToken, Mutation } from './base-token.ts';

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

const toNumber = (octets: Uint8Array): bigint => BigInt(`0x${Buffer.from(octets).toString('hex')}`);
const toOctets = (value: bigint): Uint8Array => Uint8Array.from(Buffer.from(value.toString(16).padStart(64, '0'), 'hex'));
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]));
const r = (signature: Uint8Array): Uint8Array => signature.slice(0, 32);
const s = (signature: Uint8Array): Uint8Array => signature.slice(32);
const zero = new Uint8Array(32);

function toDer(signature: Uint8Array): Uint8Array {
  const integer = (scalar: Uint8Array): Uint8Array => {
    const magnitude = scalar.slice(scalar.findIndex((octet) => octet !== 0));
    const body = (magnitude[0] ?? 0) >= 0x80 ? join(Uint8Array.of(0), magnitude) : magnitude;
    return join(Uint8Array.of(2, body.length), body);
  };
  const body = join(integer(r(signature)), integer(s(signature)));
  return join(Uint8Array.of(0x30, body.length), body);
}

/** A10, A17, A57: wrong keys, changed contents, and ECDSA signatures that no honest signer makes. For ES256 tokens. */
export function signatureMutations(base: BaseToken): Mutation[] {
  const bad = (name: string, description: string, change: Partial<Mutation>): Mutation => ({
    name: `signature-${name}`,
    description,
    attacks: ['A57'],
    reason: 'bad_signature',
    ...change,
  });
  const signed = (signature: (valid: Uint8Array) => Uint8Array): Partial<Mutation> => ({ signature });
  const swap = (index: number, other: string) => (token: string) => token.split('.').map((part, at) => (at === index ? other : part)).join('.');
  const otherClaims = Buffer.from(JSON.stringify({ ...base.claims, jti: 'tampered' })).toString('base64url');
  return [
    bad('of-another-key', 'the right kid, signed by somebody else', { key: fixedKeys.evil, attacks: ['A10', 'A17'] }),
    bad('of-other-claims', 'claims changed after signing', { text: swap(1, otherClaims), attacks: ['A17'] }),
    bad('flipped-bit', 'one bit of s flipped', signed((valid) => valid.map((octet, index) => (index === 40 ? octet ^ 1 : octet)))),
    bad('psychic', 'r = s = 0 (CVE-2022-21449)', signed(() => join(zero, zero))),
    bad('zero-r', 'r = 0', signed((valid) => join(zero, s(valid)))),
    bad('zero-s', 's = 0', signed((valid) => join(r(valid), zero))),
    bad('r-is-order', 'r = n', signed((valid) => join(toOctets(ORDER), s(valid)))),
    bad('s-is-order', 's = n', signed((valid) => join(r(valid), toOctets(ORDER)))),
    bad('all-ones', 'r and s beyond n', signed(() => new Uint8Array(64).fill(0xff))),
    bad('swapped', 's before r', signed((valid) => join(s(valid), r(valid)))),
    bad('der', 'DER instead of 64 octets', signed(toDer)),
    bad('short', '63 octets', signed((valid) => valid.slice(0, 63))),
    bad('long', '65 octets', signed((valid) => join(valid, Uint8Array.of(0)))),
    bad('one-octet', 'one octet', signed(() => Uint8Array.of(1))),
    {
      name: 'signature-high-s',
      description: 's replaced by n - s: as valid as the other one, which is why the replay key is jti and never the token text',
      attacks: ['A57'],
      signature: (valid) => join(r(valid), toOctets(ORDER - toNumber(s(valid)))),
    },
  ];
}
